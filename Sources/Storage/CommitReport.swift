/// Figures of one commit batch, for metrics and traces.
package struct CommitReport: Equatable, Sendable {
    /// The number of commands in the batch, whatever their results.
    package var operations = 0
    /// The number of commands that changed something. Their changes are lost if `failed`.
    package var applied = 0
    /// The bytes of the keys and values that the commands of the batch wrote.
    package var bytes = 0
    /// The number of entries and hints that had to be looked up in RocksDB.
    package var lookups = 0
    /// The number of writes that had the version of the stored entry and another value. Always 0, unless there is a
    /// bug.
    package var conflicts = 0
    /// Whether RocksDB failed to write the batch.
    package var failed = false
    /// When the batch was begun, on the monotonic clock.
    package var startNanoseconds: UInt64 = 0
    /// When the batch's rows were passed to RocksDB, on the monotonic clock. 0 when there were none.
    package var syncStartNanoseconds: UInt64 = 0
    /// The duration of RocksDB's write: log, sync and memtable. 0 when there were no rows.
    package var syncNanoseconds: UInt64 = 0
    /// The duration of the whole batch, `syncNanoseconds` included.
    package var totalNanoseconds: UInt64 = 0
}
