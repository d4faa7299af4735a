package struct StoreOptions: Sendable {
    package enum Sync: Equatable, Sendable {
        /// A write is committed once it is on the disk.
        case always
        /// A write is committed once the kernel has it, and on the disk within so many milliseconds: it survives the
        /// death of the process, not that of the machine.
        case interval(milliseconds: Int)
    }

    package var blockCacheBytes = 64 << 20
    package var sync = Sync.always
    /// Fixed when the directory is made.
    package var partitions = 256
    /// The keys and values that may wait for the commit thread; as many again may be under way.
    package var maximumQueueBytes = 64 << 20
    /// Writes are refused while less than this is free. Nil: 64 MiB, or a twentieth of a file system below 1.25 GiB.
    package var diskReserveBytes: UInt64?

    /// What hints for other members may fill, as they count themselves.
    package var hintBudgetBytes = 1 << 30

    package init() {}
}
