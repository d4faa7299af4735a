/// One PUT or DELETE: a round of version requests if needed, a new version above the versions found, a round of writes.
///
/// A strong write takes two rounds, as in the multi-writer register of Lynch and Shvartsman (1997), after Attiya,
/// Bar-Noy and Dolev. With one round, a coordinator whose clock is behind could acknowledge a write that an earlier
/// write with a later version hides.
final class WriteOperation: Operation {
    enum Kind {
        case put([UInt8])
        case delete
    }

    private enum State {
        case created, askingVersions, writing, finished
    }

    /// The kind of write, with the value of a put until the value is sent. It is cleared then, because the finished
    /// operation may stay in a queue behind one that still runs.
    private var kind: Kind
    private let consistency: Consistency
    private let replicas: ReplicaSet
    private let context: OperationContext
    private var completion: ((Coordinator.WriteAnswer) -> Void)?
    private var state = State.created
    private var versions: VersionRound?
    private var round: WriteRound?
    /// A timestamp that is not below any version in this node's own replica, so that the replica need not be asked.
    /// Read once per operation, because the wall clock may jump before the timestamp is used.
    private var ownFloor: HybridTimestamp?

    init(
        _ kind: Kind, _ replicas: ReplicaSet, _ consistency: Consistency, _ context: OperationContext,
        completion: @escaping (Coordinator.WriteAnswer) -> Void
    ) {
        self.kind = kind
        self.replicas = replicas
        self.consistency = consistency
        self.context = context
        self.completion = completion
    }

    var isFinished: Bool { state == .finished }

    func start() {
        precondition(state == .created, "a write operation starts once")
        switch consistency {
        case .strong: startStrong()
        case .eventual: startEventual()
        }
    }

    /// Fails the write with `reason`. Called instead of `start`.
    func reject(_ reason: Unavailable.Reason) {
        precondition(state == .created, "a write operation was rejected after it had started")
        fail(reason)
    }

    func hedge() { versions?.hedge() }

    func expire(afterMilliseconds timeout: UInt64) {
        fail(.timedOut(afterMilliseconds: timeout))
    }
}

// Round 1: read versions from replicas.
extension WriteOperation {
    private func startStrong() {
        if PlantedFault.oneRoundStrongWrite.isPlanted, case .put = kind { return write(above: nil) }
        var required = replicas.quorums.read
        var members = context.readers(of: replicas)
        if let own = context.ownReplica(in: replicas), floorCoversOwnReplica() {
            members.removeAll { $0 == own }
            required -= 1
        }
        guard required > 0 else { return write(above: nil) }
        ask(members, required: required)
    }

    /// Whether every new version exceeds the versions in this node's own replica, which then need not be asked.
    private func floorCoversOwnReplica() -> Bool {
        guard case .put = kind, context.ownReplicaVotes(in: replicas) else { return false }
        ownFloor = context.services.stamper.ownFloor
        return ownFloor != nil
    }

    /// Starts an eventual write. The new version needs to exceed the version in one replica: this node's own, or else
    /// the first to answer.
    private func startEventual() {
        if floorCoversOwnReplica() { return write(above: nil) }
        ask(context.readers(of: replicas), required: 1)
    }

    private func ask(_ members: [MemberIndex], required: Int) {
        state = .askingVersions
        let round = VersionRound(
            replicas, context, members: members, required: required, asksForItem: false
        ) { [self] in versionsEnded($0) }
        versions = round
        round.start()
        context.scheduler.hedge(self)
    }

    private func versionsEnded(_ outcome: VersionRound.Outcome) {
        guard state == .askingVersions, let versions else { return }
        switch outcome {
        case .short(let last): return fail(replicas.tooFewReplicas(last))
        case .tableDeleted: return answer(.noTable)
        case .answered: break
        }
        guard case .delete = kind else { return write(above: versions.newest?.version) }
        if let newest = versions.newest, !newest.isTombstone { return write(above: newest.version) }
        answerNothingToDelete(versions)
    }

    /// Answers a delete that found no item. As in a read, a tombstone must be held by W replicas before it is reported.
    /// An eventual delete that found nothing at the first replica asks a read quorum before it answers.
    private func answerNothingToDelete(_ versions: VersionRound) {
        if consistency == .eventual {
            guard versions.held.count < replicas.quorums.read else { return answer(.noItem) }
            return ask(context.readers(of: replicas), required: replicas.quorums.read)
        }
        guard let tombstone = versions.newest?.version else { return answer(.noItem) }
        let holders = versions.holders(of: tombstone)
        let missing = replicas.quorums.write - holders.count
        guard missing > 0, !tombstone.isPurgeMark, !PlantedFault.noWriteBack.isPlanted else { return answer(.noItem) }
        context.observer.noted(.wroteBack)
        context.note(.writesBack(missing: missing))
        send(
            StoredItem(tombstone: tombstone), to: replicas.members(except: holders), required: missing,
            isRepair: true
        ) { .noItem }
    }
}

// Round 2: write the new version to all replicas.
extension WriteOperation {
    private func write(above found: Version?) {
        let floor = [found?.clock, ownFloor, versions?.floor].compactMap(\.self).max()
        let version = context.services.stamper.stamp(above: floor)
        let required = consistency == .strong ? replicas.quorums.write : 1
        send(takeItem(version), to: replicas.members, required: required) { .done(version) }
    }

    private func takeItem(_ version: Version) -> StoredItem {
        guard case .put(let value) = kind else { return StoredItem(tombstone: version) }
        kind = .put([])
        return StoredItem(version: version, isTombstone: false, value: value)
    }

    private func send(
        _ item: StoredItem, to members: [MemberIndex], required: Int, isRepair: Bool = false,
        answering done: @escaping () -> Coordinator.WriteAnswer
    ) {
        state = .writing
        let round = WriteRound(
            replicas, context, item: item, required: required, isRepair: isRepair
        ) { [self] outcome in
            guard state == .writing else { return }
            switch outcome {
            case .acknowledged: answer(done())
            case .tableDeleted: answer(.noTable)
            case .short(let last): fail(replicas.tooFewReplicas(last))
            }
        }
        self.round = round
        round.start(members)
    }

    private func fail(_ reason: Unavailable.Reason) {
        context.observer.noted(.quorumFailed(consistency, isWrite: true))
        let required = consistency == .strong ? replicas.quorums.write : 1
        let outcome: Unavailable.Outcome = round?.mayTakeEffect ?? false ? .unknown : .notApplied
        answer(
            .unavailable(
                Unavailable(reason: reason, acks: round?.acks ?? 0, required: required, outcome: outcome)))
    }

    private func answer(_ answer: Coordinator.WriteAnswer) {
        state = .finished
        guard let completion = completion.take() else { preconditionFailure("a write was answered twice") }
        context.end(ClusterWorkEnd(answer))
        context.scheduler.complete { completion(answer) }
    }
}

extension StoredItem {
    package init(tombstone version: Version) {
        self.init(version: version, isTombstone: true, value: [])
    }
}
