/// One GET that could not be answered from memory at once.
///
/// A strong read takes the item from one replica and versions from others until R have answered. It may answer only
/// when W members are known to hold the newest version among them, so that every later read finds it; otherwise it
/// writes that version back first. (Attiya, Bar-Noy and Dolev, "Sharing Memory Robustly in Message-Passing Systems",
/// 1995.) Agreement of R replicas is not enough when R < W.
final class StrongRead: Operation {
    private enum State {
        case askingVersions, fetching, writingBack, finished
    }

    private let replicas: ReplicaSet
    private let context: OperationContext
    private var completion: ((Coordinator.ReadAnswer) -> Void)?
    private var state = State.askingVersions
    private var versions: VersionRound?
    private var writeBack: WriteRound?
    /// Replicas that hold the newest version and failed to return its value.
    private var unable: Set<MemberIndex> = []

    init(
        _ replicas: ReplicaSet, _ context: OperationContext,
        completion: @escaping (Coordinator.ReadAnswer) -> Void
    ) {
        self.replicas = replicas
        self.context = context
        self.completion = completion
    }

    var isFinished: Bool { state == .finished }

    func start() {
        let round = VersionRound(
            replicas, context, members: context.readers(of: replicas), required: replicas.quorums.read,
            asksForItem: true
        ) { [self] in versionsEnded($0) }
        versions = round
        round.start()
        context.scheduler.hedge(self)
    }

    func hedge() { versions?.hedge() }

    func expire(afterMilliseconds timeout: UInt64) {
        fail(.timedOut(afterMilliseconds: timeout))
    }

    private func versionsEnded(_ outcome: VersionRound.Outcome) {
        guard state == .askingVersions else { return }
        switch outcome {
        case .short(let last): fail(replicas.tooFewReplicas(last))
        case .tableDeleted: answer(.noTable)
        case .answered: decide()
        }
    }

    private func decide() {
        guard let versions else { return }
        // No acknowledged write is missed: R replicas and W replicas have one in common.
        guard let newest = versions.newest else { return answer(.noItem) }
        if newest.isTombstone { return conclude(StoredItem(tombstone: newest.version)) }
        guard let item = versions.item, HeldVersion(item) == newest else { return fetch(newest) }
        conclude(item)
    }

    /// Requests the value of the newest version from a replica that so far has reported only its version.
    private func fetch(_ newest: HeldVersion) {
        guard let versions else { return }
        state = .fetching
        let holders = versions.held.filter { $0.version == newest }.map(\.member)
        guard let holder = holders.first(where: { !unable.contains($0) }) else {
            return fail(.tooFewReplicas(last: "no replica returned the value of the newest version"))
        }
        context.call(holder, .get(replicas.table, replicas.key), over: .reads) { [self] answer in
            guard state == .fetching else { return }
            if case .success(.item(let item)) = answer {
                versions.note(holder, holds: item)
            } else {
                unable.insert(holder)
            }
            decide()
        }
    }

    private func conclude(_ item: StoredItem) {
        guard let versions else { return }
        let holders = versions.holders(of: item.version)
        let enough = PlantedFault.readBeforeWHold.isPlanted ? replicas.quorums.read : replicas.quorums.write
        let missing = enough - holders.count
        // A purged key was deleted on all replicas before its tombstones were purged.
        guard missing > 0, !item.version.isPurgeMark, !PlantedFault.noWriteBack.isPlanted else {
            answer(.init(item))
            return context.services.readRepair.repair(item, replicas, held: versions.held, context)
        }
        state = .writingBack
        context.observer.noted(.wroteBack)
        context.note(.writesBack(missing: missing))
        let round = WriteRound(replicas, context, item: item, required: missing, isRepair: true) { [self] outcome in
            guard state == .writingBack else { return }
            switch outcome {
            case .acknowledged: answer(.init(item))
            case .tableDeleted: answer(.noTable)
            case .short(let last): fail(replicas.tooFewReplicas(last))
            }
        }
        writeBack = round
        round.start(replicas.members(except: holders))
    }

    private func fail(_ reason: Unavailable.Reason) {
        context.observer.noted(.quorumFailed(.strong, isWrite: false))
        answer(
            .unavailable(
                Unavailable(
                    reason: reason, acks: versions?.held.count ?? 0, required: replicas.quorums.read,
                    outcome: .notApplied)))
    }

    private func answer(_ answer: Coordinator.ReadAnswer) {
        state = .finished
        guard let completion = completion.take() else { preconditionFailure("a read was answered twice") }
        context.end(ClusterWorkEnd(answer))
        context.scheduler.complete { completion(answer) }
    }
}

/// An eventual read: the answer of this node's own replica, or of the first live replica that answers.
final class EventualRead: Operation {
    private let replicas: ReplicaSet
    private let context: OperationContext
    private var unasked: [MemberIndex] = []
    private var completion: ((Coordinator.ReadAnswer) -> Void)?
    private var lastFailure: String?

    init(
        _ replicas: ReplicaSet, _ context: OperationContext,
        completion: @escaping (Coordinator.ReadAnswer) -> Void
    ) {
        self.replicas = replicas
        self.context = context
        self.completion = completion
    }

    var isFinished: Bool { completion == nil }

    func start() {
        unasked = context.readers(of: replicas).reversed()
        askNext()
    }

    /// Asks one more replica because the last is slow. The first answer counts.
    func hedge() {
        guard !isFinished, !unasked.isEmpty else { return }
        context.note(.hedged)
        askNext()
    }

    func expire(afterMilliseconds timeout: UInt64) {
        fail(.timedOut(afterMilliseconds: timeout))
    }

    private func askNext() {
        guard let member = unasked.popLast() else {
            return context.enqueue { [self] in
                if !isFinished { fail(replicas.tooFewReplicas(lastFailure)) }
            }
        }
        context.call(member, .get(replicas.table, replicas.key), over: .reads) { self.answered($0, by: member) }
        context.scheduler.hedge(self)
    }

    private func answered(_ answer: Result<PeerAnswer, PeerFailure>, by member: MemberIndex) {
        guard !isFinished else { return }
        switch answer {
        case .success(.item(let item)): finish(Coordinator.ReadAnswer(item))
        case .success(.tableDeleted): finish(.noTable)
        default:
            lastFailure = context.explain(answer.failureText, of: member)
            askNext()
        }
    }

    private func fail(_ reason: Unavailable.Reason) {
        context.observer.noted(.quorumFailed(.eventual, isWrite: false))
        finish(.unavailable(Unavailable(reason: reason, acks: 0, required: 1, outcome: .notApplied)))
    }

    private func finish(_ answer: Coordinator.ReadAnswer) {
        guard let completion = completion.take() else { preconditionFailure("a read was answered twice") }
        context.end(ClusterWorkEnd(answer))
        context.scheduler.complete { completion(answer) }
    }
}

extension Coordinator.ReadAnswer {
    init(_ item: StoredItem?) {
        if let item, !item.isTombstone { self = .found(item) } else { self = .noItem }
    }
}
