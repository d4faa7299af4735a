/// Counts commits, reads and the opening of the store. An update is a few integer additions. Only the event loop may
/// use it.
package final class StorageMetrics {
    /// The source that answered an item read: memory, or a worker thread that read from disk.
    package enum ReadSource: String, LabelValue {
        case memory, worker
    }

    private let registry: MetricRegistry
    private let batches: Counter
    private let batchOperations: Histogram
    private let bytes: Counter
    private let lookups: Counter
    private let commit: Histogram
    private let fsync: Histogram
    private let reads: LabelTable<ReadSource, Counter>
    private let read: Histogram
    private let open: Gauge

    package init(registry: MetricRegistry) {
        self.registry = registry
        batches = registry.counter(.storageCommitBatches)
        batchOperations = registry.histogram(.storageCommitBatchOperations)
        bytes = registry.counter(.storageCommitBytes)
        lookups = registry.counter(.storageCommitLookups)
        commit = registry.histogram(.storageCommitDuration)
        fsync = registry.histogram(.storageFsyncDuration)
        reads = LabelTable { registry.counter(.storageReads, $0.rawValue) }
        read = registry.histogram(.storageReadDuration)
        open = registry.gauge(.storageOpen)
    }

    /// Counts one commit of the store, a batch of operations, when it is durable.
    package func recordCommit(
        operations: Int, bytes: Int, lookups: Int, syncNanoseconds: UInt64, totalNanoseconds: UInt64
    ) {
        registry.increment(batches)
        registry.record(UInt64(operations), in: batchOperations)
        registry.increment(self.bytes, by: UInt64(bytes))
        registry.increment(self.lookups, by: UInt64(lookups))
        registry.record(syncNanoseconds, in: fsync)
        registry.record(totalNanoseconds, in: commit)
    }

    package func countRead(from source: ReadSource) { registry.increment(reads[source]) }

    /// Records how many nanoseconds a worker thread took to read an item, whether the item was found or not.
    package func recordRead(nanoseconds: UInt64) { registry.record(nanoseconds, in: read) }

    /// Records how many nanoseconds the store took to open. Called once.
    package func recordOpening(nanoseconds: UInt64) { registry.set(open, to: Int64(clamping: nanoseconds)) }
}
