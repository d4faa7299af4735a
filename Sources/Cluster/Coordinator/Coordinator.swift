/// The node that a client happens to ask coordinates the request: it stamps, asks and tells the replicas of the key, of
/// which it may be one, and answers when enough of them have.
///
/// Bound to the loop. Completions come there, once, never before the call that names them has returned.
package final class Coordinator {
    package enum WriteAnswer: Equatable, Sendable {
        case done(Version)
        case noItem
        case noTable
        case unavailable(Unavailable)
    }

    package enum TableAnswer: Equatable, Sendable {
        case done
        case noTable
        case refused(Catalog.CreateError)
        case unavailable(Unavailable)
    }

    package enum ReadAnswer: Equatable, Sendable {
        case found(StoredItem)
        case noItem
        case noTable
        case unavailable(Unavailable)
    }

    /// How long the replicas asked first have before others are asked too.
    private static let hedgeMilliseconds: UInt64 = 10
    private static let graceMilliseconds: UInt64 = 1_000
    /// Read repairs under way at most; what is not repaired by them anti-entropy repairs.
    private static let repairsInFlight = 64

    /// Holds this coordinator.
    unowned let calls: any PeerCalls
    let observer: any ClusterObserver
    let tracer: any ClusterTracer
    let replicaTimeoutMilliseconds: UInt64
    /// What this node knows of the tables.
    let catalog: () -> Catalog
    private let store: any ReplicaStore
    let clock: any TimeSource
    private let maximumClockSkewMilliseconds: UInt64
    private var hybridClock: HybridClock
    private var writeIDs: WriteIDs<AnyRandom>
    private var running: DelayQueue<any Operation>
    private var hedges = DelayQueue<any Operation>(delayMilliseconds: hedgeMilliseconds)
    private var graces = DelayQueue<TableOperation>(delayMilliseconds: graceMilliseconds)
    /// Keeps a write for a member that did not take it, and says why it did not.
    var keepHint: (StoredItem, KeyOnReplicas, Int, SendResult) -> Void = { _, _, _, _ in }
    private var repairs = 0
    private var isStarting = false
    private var enqueued: [() -> Void] = []

    init(
        calls: any PeerCalls, store: any ReplicaStore, clock: any TimeSource, random: AnyRandom,
        observer: any ClusterObserver, tracer: any ClusterTracer, settings: MemberSettings,
        catalog: @escaping () -> Catalog
    ) {
        self.calls = calls
        self.store = store
        self.clock = clock
        self.observer = observer
        self.tracer = tracer
        self.catalog = catalog
        replicaTimeoutMilliseconds = settings.replicaTimeoutMilliseconds
        maximumClockSkewMilliseconds = settings.maximumClockSkewMilliseconds
        running = DelayQueue(delayMilliseconds: settings.operationTimeoutMilliseconds)
        hybridClock = HybridClock(maximumSkewMilliseconds: settings.maximumClockSkewMilliseconds)
        writeIDs = WriteIDs(random: random)
    }
}

// What clients ask.
extension Coordinator {
    func put(
        _ value: [UInt8], _ key: KeyOnReplicas, _ consistency: Consistency,
        completion: @escaping (WriteAnswer) -> Void
    ) {
        let key = key.traced(.put, consistency)
        admit(WriteOperation(.put(value), key, consistency, completion: completion))
    }

    func delete(
        _ key: KeyOnReplicas, _ consistency: Consistency, completion: @escaping (WriteAnswer) -> Void
    ) {
        let key = key.traced(.delete, consistency)
        admit(WriteOperation(.delete, key, consistency, completion: completion))
    }

    /// New work of clients stops before that of other nodes does.
    private func admit(_ operation: WriteOperation) {
        if store.isCrowded { return enqueue { operation.reject(.overloaded) } }
        if let problem = calls.clockProblem { return enqueue { operation.reject(.clock(problem)) } }
        start(operation)
    }

    /// The answer itself when this node may give it and memory holds it, and then `completion` is never called.
    func get(
        _ key: KeyOnReplicas, _ consistency: Consistency, completion: @escaping (ReadAnswer) -> Void
    ) -> ReadAnswer? {
        let key = key.traced(.get, consistency)
        if let answer = answerFromMemory(key, consistency) {
            tracer.end(key.trace, ClusterWorkEnd(answer))
            return answer
        }
        switch consistency {
        case .strong: start(StrongRead(key, completion: completion))
        case .eventual: start(EventualRead(key, completion: completion))
        }
        return nil
    }

    private func answerFromMemory(_ key: KeyOnReplicas, _ consistency: Consistency) -> ReadAnswer? {
        let mayAnswer = consistency == .eventual
            ? key.ownReplicaServes : key.quorums.replicas == 1 && key.ownReplicaVotes
        guard mayAnswer else { return nil }
        let work = tracer.begin(.readStore, parent: key.trace)
        let peek = store.peek(key.tableID, key.key)
        tracer.end(work, ClusterWorkEnd(peek))
        return switch peek {
        case .found(let item): ReadAnswer(item)
        case .absent: .noItem
        case .failed, .needsDisk: nil
        }
    }

    func createTable(_ name: TableName, trace: RequestTrace, completion: @escaping (TableAnswer) -> Void) {
        start(
            TableOperation(
                .create(createdAtMilliseconds: clock.wallMilliseconds), name, trace: trace, coordinator: self,
                completion: completion))
    }

    func deleteTable(_ name: TableName, trace: RequestTrace, completion: @escaping (TableAnswer) -> Void) {
        start(TableOperation(.delete, name, trace: trace, coordinator: self, completion: completion))
    }

    var operationsRunning: Int { running.count }
}

// What drives them.
extension Coordinator {
    /// To be called often compared to the hedge.
    func tick() {
        let now = deadlineClock
        for operation in hedges.takeDue(nowMilliseconds: now) where !operation.isFinished {
            observer.noted(.hedged)
            operation.hedge()
        }
        for operation in graces.takeDue(nowMilliseconds: now) { operation.endGrace() }
        running.dropFirst(while: \.isFinished)
        for operation in running.takeDue(nowMilliseconds: now) where !operation.isFinished {
            operation.expire(afterMilliseconds: running.delayMilliseconds)
        }
    }

    /// Does what was put off; more may be put off by that, and is done too.
    func runEnqueued() {
        while !enqueued.isEmpty {
            let work = enqueued
            enqueued.removeAll(keepingCapacity: true)
            for item in work { item() }
        }
    }

    var hasEnqueued: Bool { !enqueued.isEmpty }

    func start(_ operation: any Operation) {
        running.dropFirst(while: \.isFinished)
        running.add(operation, nowMilliseconds: deadlineClock)
        isStarting = true
        operation.start()
        isStarting = false
    }

    func hedge(_ operation: any Operation) {
        hedges.add(operation, nowMilliseconds: deadlineClock)
    }

    func startGrace(of operation: TableOperation) {
        graces.add(operation, nowMilliseconds: deadlineClock)
    }

    func enqueue(_ work: @escaping () -> Void) {
        enqueued.append(work)
    }

    /// Calls a client's completion, but not before the call that named it has returned.
    func complete(_ completion: @escaping () -> Void) {
        if isStarting { enqueue(completion) } else { completion() }
    }

    private var deadlineClock: UInt64 {
        PlantedFault.wallClockDeadlines.isPlanted ? clock.wallMilliseconds : clock.monotonicMilliseconds
    }
}

// Read repair.
extension Coordinator {
    /// Sends a replica what a read found it to lack, unless too much of that is under way.
    func repair(_ item: StoredItem, of key: KeyOnReplicas, at member: Int) {
        guard repairs < Self.repairsInFlight else { return }
        repairs += 1
        key.call(member, .repair(key.table, key.key, item), over: .bulk) { [self] answer in
            repairs -= 1
            switch answer {
            case .success(.stored), .success(.superseded): observer.noted(.readRepair(succeeded: true))
            default: observer.noted(.readRepair(succeeded: false))
            }
        }
    }
}

// Versions.
extension Coordinator {
    /// A version above this exceeds whatever the own store holds for any key, so no look-up there is needed. Nil when
    /// that lies in the future by our clock: stamping above it would carry one bad clock into every key.
    var ownFloor: HybridTimestamp? {
        let highest = store.highestClock
        return highest.milliseconds <= clock.wallMilliseconds + maximumClockSkewMilliseconds ? highest : nil
    }

    /// A new version above every one stamped before, and above what was found.
    func stamp(above floor: HybridTimestamp?) -> Version {
        Version(
            clock: hybridClock.issue(above: floor, wallMilliseconds: clock.wallMilliseconds),
            writeID: PlantedFault.versionWithoutWriteID.isPlanted ? 0 : writeIDs.next())
    }
}
