/// What the store did, as its reports say. Loop-bound; every update is a few integer additions.
package final class StorageMetrics {
    private let registry: MetricRegistry
    private let batches: Counter
    private let batchOperations: Histogram
    private let bytes: Counter
    private let lookups: Counter
    private let commit: Histogram
    private let fsync: Histogram
    private let memoryReads: Counter
    private let workerReads: Counter
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
        memoryReads = registry.counter(.storageReads, "memory")
        workerReads = registry.counter(.storageReads, "worker")
        read = registry.histogram(.storageReadDuration)
        open = registry.gauge(.storageOpen)
    }

    /// One batch is on disk.
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

    package func countMemoryRead() { registry.increment(memoryReads) }

    package func countWorkerRead() { registry.increment(workerReads) }

    /// A worker has read an item, or not found it.
    package func recordRead(nanoseconds: UInt64) { registry.record(nanoseconds, in: read) }

    /// Once, for it is opened once.
    package func recordOpening(nanoseconds: UInt64) { registry.set(open, to: Int64(clamping: nanoseconds)) }
}
