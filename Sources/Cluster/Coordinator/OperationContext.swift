/// The context of one operation: the node's services and the trace of the client's request that it serves.
struct OperationContext {
    let services: OperationServices
    let trace: RequestTrace

    var roster: any Roster { services.roster }
    var observer: any ClusterObserver { services.observer }
    var scheduler: OperationScheduler { services.scheduler }
    private var tracer: any ClusterTracer { services.tracer }

    /// A copy of this context under a new span of the coordinator, which `end` ends. Returns itself if the request is
    /// not recorded.
    func coordinating(
        _ kind: ReceivedOperation.Kind, on replicas: ReplicaSet, _ consistency: Consistency
    ) -> OperationContext {
        guard trace.isRecorded else { return self }
        let work = CoordinatedWork(
            kind: kind, table: replicas.table, key: replicas.key, consistency: consistency, replicas: replicas.members,
            required: replicas.required(for: kind, consistency))
        return OperationContext(services: services, trace: tracer.begin(.coordinate(work), parent: trace))
    }

    func note(_ moment: @autoclosure () -> ClusterMoment) {
        tracer.note(moment(), in: trace)
    }

    func end(_ end: @autoclosure () -> ClusterWorkEnd) {
        tracer.end(trace, end())
    }

    /// Sends `operation` to one member, which may be this node. `completion` is called once, never before this returns,
    /// and at the latest soon after the replica timeout.
    func call(
        _ member: MemberIndex, _ operation: PeerCall.Operation, over lane: PeerLane,
        completion: @escaping (Result<PeerAnswer, PeerFailure>) -> Void
    ) {
        services.calls.call(
            member, operation, over: lane, trace: trace, timeoutMilliseconds: services.replicaTimeoutMilliseconds,
            completion: services.observing(operation, of: member, completion))
    }

    /// Runs `work` later in the same loop iteration.
    func enqueue(_ work: @escaping () -> Void) {
        services.scheduler.enqueue(work)
    }

    func nodeID(of member: MemberIndex) -> NodeID { roster.record.members[member].nodeID }

    /// The text of one replica's failure, with the replica's node id unless the cluster has a single replica.
    func explain(_ failure: String, of member: MemberIndex) -> String {
        roster.record.quorums.replicas == 1 ? failure : "\(nodeID(of: member)): \(failure)"
    }
}

// Whether this node's own replica may answer, and the order in which replicas are read.
extension OperationContext {
    /// Whether this node is a replica of the key and its own answer may count in a quorum.
    func ownReplicaVotes(in replicas: ReplicaSet) -> Bool {
        ownReplicaServes(in: replicas) && roster.ownIsConfirmed
    }

    /// Whether this node is a replica of the key and may answer eventual reads alone.
    func ownReplicaServes(in replicas: ReplicaSet) -> Bool {
        guard let own = ownReplica(in: replicas) else { return false }
        return roster.liveness(of: own).answersReads
    }

    /// This node as a replica of the key; nil when it is not one.
    func ownReplica(in replicas: ReplicaSet) -> MemberIndex? {
        guard let own = roster.selfIndex, replicas.contains(own) else { return nil }
        return own
    }

    /// The replicas whose reads count: this node first, then those alive, then those suspect.
    func readers(of replicas: ReplicaSet) -> [MemberIndex] {
        let own = ownReplica(in: replicas)
        var ordered: [MemberIndex] = []
        if let own, ownReplicaVotes(in: replicas) { ordered.append(own) }
        for wanted in [Liveness.alive, .suspect] {
            ordered += replicas.members.filter { $0 != own && roster.liveness(of: $0) == wanted }
        }
        return ordered
    }
}

// Counting.
extension OperationContext {
    /// Reports the outcome of one write at one other member. `sentAt` is when the write was handed over, in nanoseconds
    /// of the monotonic clock; nil when it was not sent.
    func count(
        _ item: StoredItem, of table: TableState, to member: MemberIndex, _ result: SendResult, sentAt: UInt64?
    ) {
        guard member != roster.selfIndex else { return }
        observer.sent(
            SentWrite(
                isDelete: item.isTombstone, target: member, result: result,
                nanoseconds: sentAt.map { services.nowNanoseconds - $0 }, table: table, trace: trace))
    }
}
