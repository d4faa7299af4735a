package struct StoreOptions: Sendable {
    package enum Sync: Equatable, Sendable {
        /// A write is committed when it is on the disk: the batch is synced before its writes are acknowledged.
        case always
        /// A write is committed when the kernel has it. RocksDB's log is synced to the disk within this interval. A
        /// committed write survives a crash of the process, but not always one of the machine.
        case interval(milliseconds: Int)
    }

    package var blockCacheBytes = 64 << 20
    package var sync = Sync.always
    /// The number of partitions of the key space, which is fixed when the data directory is created.
    package var partitions = 256
    /// The limit on the bytes of commands that wait for the commit thread, mainly their keys and values. The commands
    /// that the thread has already taken may hold as many bytes again.
    package var maximumQueueBytes = 64 << 20
    /// Writes are refused while less disk space than this is free. Nil means 64 MiB, or a twentieth of a file system
    /// smaller than 1.25 GiB.
    package var diskReserveBytes: UInt64?

    /// The number of table files that RocksDB keeps open; it opens and closes others when it reads them.
    package var openFiles = 512

    /// Bound of the pending hints for all other members together, measured by `Hint.weightBytes`.
    package var hintBudgetBytes = 1 << 30

    package init() {}
}
