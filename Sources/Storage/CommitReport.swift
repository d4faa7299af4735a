/// One commit batch, for metrics.
package struct CommitReport: Equatable, Sendable {
    /// Operations that the batch judged, whatever became of them.
    package var operations = 0
    /// Of those, the ones that changed something.
    package var landed = 0
    /// Keys and values that landed.
    package var bytes = 0
    /// Versions that had to be asked of RocksDB.
    package var lookups = 0
    /// Operations that bore a held version with another value. Never, unless something is broken.
    package var conflicts = 0
    package var failed = false
    /// On the monotonic clock: when the batch was taken, and when it went to RocksDB. 0 when nothing did.
    package var startNanoseconds: UInt64 = 0
    package var syncStartNanoseconds: UInt64 = 0
    /// Within RocksDB's write: log, sync, memtable. 0 when nothing landed.
    package var syncNanoseconds: UInt64 = 0
    /// From taking the batch to its end, `syncNanoseconds` included.
    package var totalNanoseconds: UInt64 = 0
}
