internal import Cluster
internal import Observability
internal import Reactor
internal import Storage

/// Adapts this node's store to the cluster's `ReplicaStore`: reads that memory answers run on the loop, disk reads on a
/// worker thread, and writes on the store's commit thread.
final class LocalReplica: ReplicaStore {
    private let store: Store
    private let workers: WorkQueue
    private let metrics: StorageMetrics

    init(store: Store, workers: WorkQueue, metrics: StorageMetrics) {
        self.store = store
        self.workers = workers
        self.metrics = metrics
    }

    var highestClock: HybridTimestamp { store.highestClock }

    var isOverloaded: Bool { store.isOverloaded }

    var durableSequence: UInt64 { store.durableSequence }

    var lastCommit: CommitTimes? { store.lastCommit.map(CommitTimes.init) }

    func peek(_ table: TableID, _ key: ItemKey) -> MemoryLookup {
        let answer = store.peek(table, key)
        if answer != .needsDisk { metrics.countRead(from: .memory) }
        return answer
    }

    func fetch(
        _ table: TableID, _ key: ItemKey, completion: @escaping (Result<StoredItem?, StoreError>) -> Void
    ) {
        metrics.countRead(from: .worker)
        let reader = store.reader
        do {
            try workers.offload({ TimedRead(reader, table, key) }) { [metrics] read in
                metrics.recordRead(nanoseconds: read.nanoseconds)
                completion(read.result)
            }
        } catch {
            workers.loop.enqueue { completion(.failure(.overloaded)) }
        }
    }

    func submit(_ write: ReplicaWrite, completion: @escaping (WriteResult) -> Void) {
        store.submit(write, completion: completion)
    }

    func submit(_ state: TableState, completion: @escaping (WriteResult) -> Void) {
        store.submit(state, completion: completion)
    }

    func submit(_ row: ClusterRow, _ bytes: [UInt8], completion: @escaping (WriteResult) -> Void) {
        store.submit(row, bytes, completion: completion)
    }

    func submit(storeID: StoreID, completion: @escaping (WriteResult) -> Void) {
        store.submit(storeID: storeID, completion: completion)
    }

    func page(_ request: PageRequest, completion: @escaping (Result<Page, StoreError>) -> Void) {
        let reader = store.reader
        workers.read({ () throws(StoreError) in try reader.page(request) }, then: completion)
    }

    func sums(_ table: TableID) -> [PartitionSums] { store.sums(table) }

    // Trees.

    var roots: [UInt64] { store.roots }

    func leaves(of partition: PartitionID) -> [UInt64] { store.leaves(of: partition) }

    func tombstones(of partition: PartitionID) -> UInt64 { store.tombstones(of: partition) }

    func list(_ request: LeafRequest, completion: @escaping (Result<LeafList, StoreError>) -> Void) {
        let reader = store.reader
        workers.read({ () throws(StoreError) in try reader.list(request) }, then: completion)
    }

    // Purge.

    func mark(of partition: PartitionID) -> PurgeMark { store.mark(of: partition) }

    func submit(promise: HybridTimestamp, partition: PartitionID, completion: @escaping (WriteResult) -> Void) {
        store.submit(promise: promise, partition: partition, completion: completion)
    }

    func submit(_ purge: Purge, completion: @escaping (WriteResult) -> Void) {
        store.submit(purge, completion: completion)
    }

    // Hints.

    var uptimeMilliseconds: UInt64 { store.uptimeMilliseconds }

    var hintTotals: [MemberIndex: HintTotals] { store.hintTotals }

    func submit(_ hint: Hint, completion: @escaping (WriteResult) -> Void) {
        store.submit(hint, completion: completion)
    }

    func settle(_ hints: [HintSettlement], completion: @escaping (WriteResult) -> Void) {
        store.settle(hints, completion: completion)
    }

    func hints(
        of target: MemberIndex, after: RowPlace?, limit: Int, maximumBytes: Int,
        completion: @escaping (Result<[Hint], StoreError>) -> Void
    ) {
        let reader = store.reader
        workers.read(
            { () throws(StoreError) in
                try reader.hints(of: target, after: after, limit: limit, maximumBytes: maximumBytes)
            }, then: completion)
    }
}

/// An item read from the disk by the calling thread, with the duration of the read.
private struct TimedRead: Sendable {
    let result: Result<StoredItem?, StoreError>
    let nanoseconds: UInt64

    init(_ reader: StoreReader, _ table: TableID, _ key: ItemKey) {
        let began = EventLoop.monotonicNanoseconds()
        result = Result { () throws(StoreError) in try reader.read(table, key) }
        nanoseconds = EventLoop.monotonicNanoseconds() - began
    }
}

extension WorkQueue {
    /// Runs `work` on a worker thread and calls `completion` on the loop with its result. If the queue is full,
    /// `completion` gets `.overloaded` at the end of the loop iteration.
    func read<Value: Sendable>(
        _ work: @escaping @Sendable () throws(StoreError) -> Value,
        then completion: @escaping (Result<Value, StoreError>) -> Void
    ) {
        do {
            try offload({ Result(catching: work) }, then: completion)
        } catch {
            loop.enqueue { completion(.failure(.overloaded)) }
        }
    }
}

extension CommitTimes {
    fileprivate init(_ report: CommitReport) {
        self.init(
            operations: report.operations, startNanoseconds: report.startNanoseconds,
            syncStartNanoseconds: report.syncStartNanoseconds,
            syncEndNanoseconds: report.syncStartNanoseconds + report.syncNanoseconds)
    }
}
