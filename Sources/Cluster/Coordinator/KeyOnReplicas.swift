/// One key with everything that an operation needs to reach the replicas that hold it.
struct KeyOnReplicas {
    let calls: any PeerCalls
    let coordinator: Coordinator
    let table: TableState
    let key: ItemKey
    private(set) var trace: RequestTrace
    /// The preference list: N members.
    let members: [Int]

    init(_ coordinator: Coordinator, table: TableState, key: ItemKey, trace: RequestTrace) {
        self.coordinator = coordinator
        calls = coordinator.calls
        self.table = table
        self.key = key
        self.trace = trace
        let place = KeyPlace(key: key, partitions: calls.record.partitions)
        members = calls.preferenceList(partition: Int(place.partition))
    }

    /// As the work of one coordinator, to be ended with the operation.
    func traced(_ kind: ReceivedOperation.Kind, _ consistency: Consistency) -> KeyOnReplicas {
        guard trace.isRecorded else { return self }
        let required = consistency == .eventual ? 1 : kind == .get ? quorums.read : quorums.write
        var traced = self
        traced.trace = coordinator.tracer.begin(
            .coordinate(
                CoordinatedWork(
                    kind: kind, table: table, key: key, consistency: consistency, replicas: members,
                    required: required)),
            parent: trace)
        return traced
    }

    func note(_ moment: @autoclosure () -> ClusterMoment) {
        coordinator.tracer.note(moment(), in: trace)
    }

    func end(_ end: @autoclosure () -> ClusterWorkEnd) {
        coordinator.tracer.end(trace, end())
    }

    var tableID: TableID { table.id }

    var quorums: Quorums { calls.record.quorums }

    /// Whether this node holds the key and may say what it holds.
    var ownReplicaVotes: Bool { ownReplicaServes && calls.ownIsConfirmed }

    /// Whether what it holds will do for an eventual read.
    var ownReplicaServes: Bool {
        guard let own = ownReplica else { return false }
        return calls.standing(of: own).answersReads
    }

    var ownReplica: Int? {
        guard let own = calls.selfIndex, members.contains(own) else { return nil }
        return own
    }

    /// Those whose reads count: this node first, then the live, then the suspect.
    var readersInOrder: [Int] {
        var ordered: [Int] = []
        if ownReplicaVotes, let own = ownReplica { ordered.append(own) }
        for wanted in [Liveness.alive, .suspect] {
            ordered += members.filter { $0 != ownReplica && calls.standing(of: $0) == wanted }
        }
        return ordered
    }

    func call(
        _ member: Int, _ operation: PeerCall.Operation, over lane: PeerLane,
        completion: @escaping (Result<PeerAnswer, PeerFailure>) -> Void
    ) {
        calls.call(
            member, operation, over: lane, trace: trace,
            timeoutMilliseconds: coordinator.replicaTimeoutMilliseconds,
            completion: coordinator.observing(operation, of: member, completion))
    }

    /// Later in this turn of the loop.
    func enqueue(_ work: @escaping () -> Void) {
        coordinator.enqueue(work)
    }

    /// Where there is but one replica, what it said is the reason.
    func tooFewReplicas(_ last: String?) -> Unavailable.Reason {
        if quorums.replicas == 1, let last { return .storage(last) }
        return .tooFewReplicas(last: last)
    }

    /// What one replica, or the way to it, said.
    func say(_ words: String, of member: Int) -> String {
        quorums.replicas == 1 ? words : "\(calls.record.members[member].nodeID): \(words)"
    }

    /// `sentAt` is when it was handed over, on the clock of the coordinator; nil when it was not.
    func count(_ item: StoredItem, to member: Int, _ result: SendResult, sentAt: UInt64?) {
        guard member != calls.selfIndex else { return }
        coordinator.observer.sent(
            SentWrite(
                isDelete: item.isTombstone, target: member, result: result,
                nanoseconds: sentAt.map { coordinator.nowNanoseconds - $0 }, table: table, trace: trace))
    }
}
