/// Asks every replica of one key which version it holds, for operators. No decision depends on it.
final class ReplicaVersions: Operation {
    /// The replicas in the order of the preference list, each with the version that it holds: the inner optional is nil
    /// for a replica that holds nothing, the outer for one that did not answer.
    typealias Answer = [(member: MemberIndex, holds: HeldVersion??)]

    private let replicas: ReplicaSet
    private let context: OperationContext
    private var versions: [MemberIndex: HeldVersion?] = [:]
    private var pending = 0
    private var completion: ((Answer) -> Void)?

    init(_ replicas: ReplicaSet, _ context: OperationContext, completion: @escaping (Answer) -> Void) {
        self.replicas = replicas
        self.context = context
        self.completion = completion
    }

    var isFinished: Bool { completion == nil }

    func start() {
        let asked = replicas.members.filter { context.roster.liveness(of: $0).takesWrites }
        pending = asked.count
        for member in asked {
            context.call(member, .version(replicas.table, replicas.key), over: .reads) {
                self.answered($0, by: member)
            }
        }
        if asked.isEmpty { context.enqueue { self.finish() } }
    }

    func expire(afterMilliseconds timeout: UInt64) { finish() }

    private func answered(_ answer: Result<PeerAnswer, PeerFailure>, by member: MemberIndex) {
        if case .success(.version(let version, _)) = answer { versions[member] = .some(version) }
        pending -= 1
        if pending == 0 { finish() }
    }

    private func finish() {
        guard let completion = completion.take() else { return }
        let answer = replicas.members.map { (member: $0, holds: versions[$0]) }
        context.scheduler.complete { completion(answer) }
    }
}

extension ClusterNode {
    /// The replicas of a key by node id, the primary first, each with the version that it holds: the inner optional is
    /// nil for a replica that holds nothing, the outer for one that did not answer. Requires a bootstrapped cluster.
    package func replicaVersions(
        table: TableState, key: ItemKey, trace: RequestTrace,
        completion: @escaping ([(nodeID: NodeID, holds: HeldVersion??)]) -> Void
    ) {
        let coordinator = coordinator
        let context = coordinator.context(trace)
        context.scheduler.start(
            ReplicaVersions(coordinator.replicas(of: key, in: table), context) { answer in
                completion(answer.map { (nodeID: context.nodeID(of: $0.member), holds: $0.holds) })
            })
    }
}
