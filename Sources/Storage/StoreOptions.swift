package struct StoreOptions: Sendable {
    package enum Sync: Equatable, Sendable {
        /// A write is committed when it is on the disk.
        case always
        /// A write is committed when the kernel has it, and it reaches the disk within this interval. It survives a
        /// crash of the process, but not one of the machine.
        case interval(milliseconds: Int)
    }

    package var blockCacheBytes = 64 << 20
    package var sync = Sync.always
    /// Fixed when the directory is created.
    package var partitions = 256
    /// Keys and values that may wait for the commit thread. As many again may be in the commands that it has taken.
    package var maximumQueueBytes = 64 << 20
    /// Writes are refused while less disk space than this is free. Nil means 64 MiB, or a twentieth of a file system
    /// smaller than 1.25 GiB.
    package var diskReserveBytes: UInt64?

    /// Bound of the pending hints for all other members together, measured by `Hint.weightBytes`.
    package var hintBudgetBytes = 1 << 30

    package init() {}
}
