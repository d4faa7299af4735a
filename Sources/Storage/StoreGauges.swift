/// Measurements of a store for the metrics page. Those of the disk and of RocksDB are at most about a second old.
package struct StoreGauges: Equatable, Sendable {
    package var freeDiskBytes: UInt64 = 0
    package var totalDiskBytes: UInt64 = 0
    package var diskReserveBytes: UInt64 = 0
    package var memtableBytes: UInt64 = 0
    package var blockCacheBytes: UInt64 = 0
    /// The memory for indexes and Bloom filters of table files, which RocksDB keeps outside the block cache.
    package var tableReaderBytes: UInt64 = 0
    package var tableFileBytes: UInt64 = 0
    package var levelZeroFiles: UInt64 = 0
    package var pendingCompactionBytes: UInt64 = 0
    package var backgroundErrors: UInt64 = 0
    /// How often the database was reopened after a failure.
    package var reopens: UInt64 = 0
    /// The bytes of the writes that wait in the commit queue, as `CommitCommand.weightBytes` counts them.
    package var queuedBytes = 0
    package var maximumQueueBytes = 0
}
