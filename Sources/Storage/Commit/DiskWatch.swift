internal import Cluster

/// Looks at the free space often enough that a batch never starts what the disk has no room for, and seldom enough to
/// cost nothing. The reserve is for what RocksDB writes by itself: tables from its buffers, and compactions.
struct DiskWatch {
    private let directory: String
    private let fixedReserveBytes: UInt64?
    private(set) var space: DataDirectory.Space?
    private var lookedAtNanoseconds: UInt64 = 0
    private var bytesSinceLook = 0

    init(directory: String, reserveBytes: UInt64?) {
        self.directory = directory
        fixedReserveBytes = reserveBytes
    }

    var reserveBytes: UInt64 {
        let share = (space?.totalBytes).map { $0 / StorageLimits.diskReserveShare }
        return fixedReserveBytes ?? min(StorageLimits.diskReserveBytes, share ?? .max)
    }

    /// A file system that does not tell its free space is taken to have some: RocksDB will say otherwise.
    var isFull: Bool { space.map { $0.freeBytes < reserveBytes } ?? false }

    func hasRoom(forBytes bytes: UInt64) -> Bool {
        space.map { $0.freeBytes >= reserveBytes + bytes } ?? true
    }

    mutating func wrote(bytes: Int) { bytesSinceLook += bytes }

    mutating func look(nowNanoseconds: UInt64) {
        let isFresh = nowNanoseconds - lookedAtNanoseconds < UInt64(StorageLimits.diskCheckMilliseconds) * 1_000_000
        let isWorn = UInt64(bytesSinceLook) > reserveBytes / 4
        guard space == nil || !isFresh || isWorn else { return }
        space = DataDirectory.space(directory)
        lookedAtNanoseconds = nowNanoseconds
        bytesSinceLook = 0
    }
}
