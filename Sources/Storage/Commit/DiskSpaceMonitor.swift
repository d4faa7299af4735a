internal import Cluster

/// Knows how much space the file system has left. It asks often enough that no batch starts which the disk has no room
/// for, and rarely enough to cost nothing: every 100 ms, or when a quarter of the reserve has been written since. The
/// reserve is for what RocksDB writes by itself: table files flushed from its buffers, and compactions.
struct DiskSpaceMonitor {
    private let directory: String
    private let fixedReserveBytes: UInt64?
    /// Nil when the file system does not report its space.
    private(set) var space: DataDirectory.Space?
    private var refreshedAtNanoseconds: UInt64 = 0
    private var bytesSinceRefresh = 0

    /// `reserveBytes` nil means the default reserve, which depends on the size of the file system.
    init(directory: String, reserveBytes: UInt64?) {
        self.directory = directory
        fixedReserveBytes = reserveBytes
    }

    var reserveBytes: UInt64 {
        let share = (space?.totalBytes).map { $0 / StorageLimits.diskReserveShare }
        return fixedReserveBytes ?? min(StorageLimits.diskReserveBytes, share ?? .max)
    }

    /// False when the free space is unknown: RocksDB reports a full disk itself.
    var isFull: Bool { space.map { $0.freeBytes < reserveBytes } ?? false }

    func hasRoom(forBytes bytes: UInt64) -> Bool {
        space.map { $0.freeBytes >= reserveBytes + bytes } ?? true
    }

    mutating func countWritten(bytes: Int) { bytesSinceRefresh += bytes }

    mutating func refresh(nowNanoseconds: UInt64) {
        let isFresh =
            nowNanoseconds - refreshedAtNanoseconds < UInt64(StorageLimits.diskCheckMilliseconds) * 1_000_000
        let isOutdated = UInt64(bytesSinceRefresh) > reserveBytes / 4
        guard space == nil || !isFresh || isOutdated else { return }
        space = DataDirectory.space(directory)
        refreshedAtNanoseconds = nowNanoseconds
        bytesSinceRefresh = 0
    }
}
