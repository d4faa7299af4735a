internal import Cluster

/// Tracks how much space the file system has left. It reads the free space often enough that no batch starts which the
/// disk has no room for, and rarely enough to cost nothing: every 100 ms, or when a quarter of the reserve has been
/// written since. The reserve is for what RocksDB writes by itself: table files flushed from its buffers, and
/// compactions.
struct DiskSpaceMonitor {
    private let directory: String
    private let fixedReserveBytes: UInt64?
    /// The free and total space of the file system when it was last read. Nil when the file system does not report it.
    private(set) var space: DataDirectory.Space?
    private var refreshedAtNanoseconds: UInt64 = 0
    private var bytesSinceRefresh = 0

    /// `reserveBytes` is the free disk space below which writes are refused. Nil selects the default, which depends on
    /// the size of the file system.
    init(directory: String, reserveBytes: UInt64?) {
        self.directory = directory
        fixedReserveBytes = reserveBytes
    }

    var reserveBytes: UInt64 {
        let share = (space?.totalBytes).map { $0 / StorageLimits.diskReserveShare }
        return fixedReserveBytes ?? min(StorageLimits.diskReserveBytes, share ?? .max)
    }

    /// Whether the free disk space is below the reserve. False when the free space is unknown, because RocksDB reports
    /// a full disk itself.
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
