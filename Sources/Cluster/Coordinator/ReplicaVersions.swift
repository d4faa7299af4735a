/// Which version of one key each of its replicas holds, for people who wonder. Decides nothing.
final class ReplicaVersions: Operation {
    /// By replica, in the order of the preference list; nil where there was no answer.
    typealias Answer = [(member: Int, holds: HeldVersion??)]

    private let key: KeyOnReplicas
    private var versions: [Int: HeldVersion?] = [:]
    private var pending = 0
    private var completion: ((Answer) -> Void)?

    init(_ key: KeyOnReplicas, completion: @escaping (Answer) -> Void) {
        self.key = key
        self.completion = completion
    }

    var isFinished: Bool { completion == nil }

    func start() {
        let asked = key.members.filter { key.calls.standing(of: $0).takesWrites }
        pending = asked.count
        for member in asked {
            key.call(member, .version(key.table, key.key), over: .reads) { self.answered($0, by: member) }
        }
        if asked.isEmpty { key.enqueue { self.finish() } }
    }

    func expire(afterMilliseconds timeout: UInt64) { finish() }

    private func answered(_ answer: Result<PeerAnswer, PeerFailure>, by member: Int) {
        if case .success(.version(let version, _)) = answer { versions[member] = .some(version) }
        pending -= 1
        if pending == 0 { finish() }
    }

    private func finish() {
        guard let completion = completion.take() else { return }
        let answer = key.members.map { (member: $0, holds: versions[$0]) }
        key.coordinator.complete { completion(answer) }
    }
}

extension ClusterNode {
    /// The replicas of a key by node id, the first choice first, with the version each holds: nil inside for nothing,
    /// nil outside where it did not answer. Requires a formed cluster.
    package func replicaVersions(
        table: TableState, key: ItemKey, trace: RequestTrace,
        completion: @escaping ([(nodeID: String, holds: HeldVersion??)]) -> Void
    ) {
        let coordinator = coordinator
        let members = coordinator.calls.record.members
        coordinator.start(
            ReplicaVersions(KeyOnReplicas(coordinator, table: table, key: key, trace: trace)) { answer in
                completion(answer.map { (nodeID: members[$0.member].nodeID, holds: $0.holds) })
            })
    }
}
