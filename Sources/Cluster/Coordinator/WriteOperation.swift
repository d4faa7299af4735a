/// One PUT or DELETE: versions from replicas if they are needed, a version above them, a round of writes.
///
/// A strong write takes two rounds, as in the multi-writer register of Lynch and Shvartsman (1997), after Attiya,
/// Bar-Noy and Dolev: with one round, a coordinator whose clock is behind would be told "done" for a write that a later
/// version hides.
final class WriteOperation: Operation {
    enum Kind {
        case put([UInt8])
        case delete
    }

    private enum State {
        case created, askingVersions, writing, finished
    }

    /// Without its value once that is on its way: a finished operation may wait behind one that is not.
    private var kind: Kind
    private let consistency: Consistency
    private let key: KeyOnReplicas
    private let coordinator: Coordinator
    private var completion: ((Coordinator.WriteAnswer) -> Void)?
    private var state = State.created
    private var versions: VersionRound?
    private var round: WriteRound?
    /// Covers the own replica, where that has not been asked. Taken once: the wall clock may jump before it is used.
    private var ownFloor: HybridTimestamp?

    init(
        _ kind: Kind, _ key: KeyOnReplicas, _ consistency: Consistency,
        completion: @escaping (Coordinator.WriteAnswer) -> Void
    ) {
        self.kind = kind
        self.key = key
        self.consistency = consistency
        coordinator = key.coordinator
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

    /// Instead of starting it.
    func reject(_ reason: Unavailable.Reason) {
        precondition(state == .created, "a write operation was turned away after it had started")
        fail(reason)
    }

    func hedge() { versions?.hedge() }

    func expire(afterMilliseconds timeout: UInt64) {
        fail(.timedOut(afterMilliseconds: timeout))
    }
}

// The first round.
extension WriteOperation {
    private func startStrong() {
        if PlantedFault.oneRoundStrongWrite.isPlanted, case .put = kind { return write(above: nil) }
        var required = key.quorums.read
        var members = key.readersInOrder
        if let own = key.ownReplica, floorCoversOwnReplica() {
            members.removeAll { $0 == own }
            required -= 1
        }
        guard required > 0 else { return write(above: nil) }
        ask(members, required: required)
    }

    /// Whether whatever we stamp exceeds what the own replica holds: it has answered without being asked.
    private func floorCoversOwnReplica() -> Bool {
        guard case .put = kind, key.ownReplicaVotes else { return false }
        ownFloor = coordinator.ownFloor
        return ownFloor != nil
    }

    /// The own replica's version is enough, and where there is none, that of the first to answer.
    private func startEventual() {
        if floorCoversOwnReplica() { return write(above: nil) }
        ask(key.readersInOrder, required: 1)
    }

    private func ask(_ members: [Int], required: Int) {
        state = .askingVersions
        let round = VersionRound(key, members: members, required: required, asksForItem: false) { [self] in
            asked($0)
        }
        versions = round
        round.start()
        coordinator.hedge(self)
    }

    private func asked(_ result: VersionRound.Result) {
        guard state == .askingVersions, let versions else { return }
        switch result {
        case .short(let last): return fail(key.tooFewReplicas(last))
        case .tableDeleted: return answer(.noTable)
        case .answered: break
        }
        guard case .delete = kind else { return write(above: versions.newest?.version) }
        if let newest = versions.newest, !newest.isTombstone { return write(above: newest.version) }
        answerNothingToDelete(versions)
    }

    /// "Nothing there" is an answer like any other: a tombstone counts only when W replicas hold it. An eventual delete
    /// that finds nothing nearby asks as many as a strong read would before it says so.
    private func answerNothingToDelete(_ versions: VersionRound) {
        if consistency == .eventual {
            guard versions.held.count < key.quorums.read else { return answer(.noItem) }
            return ask(key.readersInOrder, required: key.quorums.read)
        }
        guard let tombstone = versions.newest?.version else { return answer(.noItem) }
        let holders = versions.holders(of: tombstone)
        let missing = key.quorums.write - holders.count
        guard missing > 0, !tombstone.isPurgeMark, !PlantedFault.noWriteBack.isPlanted else { return answer(.noItem) }
        coordinator.observer.noted(.wroteBack)
        key.note(.writesBack(missing: missing))
        send(
            StoredItem(tombstone: tombstone), to: key.members.filter { !holders.contains($0) }, required: missing,
            isRepair: true
        ) { .noItem }
    }
}

// The second round.
extension WriteOperation {
    private func write(above found: Version?) {
        let version = coordinator.stamp(above: [found?.clock, ownFloor, versions?.floor].compactMap(\.self).max())
        let required = consistency == .strong ? key.quorums.write : 1
        send(takeItem(version), to: key.members, required: required) { .done(version) }
    }

    private func takeItem(_ version: Version) -> StoredItem {
        guard case .put(let value) = kind else { return StoredItem(tombstone: version) }
        kind = .put([])
        return StoredItem(version: version, isTombstone: false, value: value)
    }

    private func send(
        _ item: StoredItem, to members: [Int], required: Int, isRepair: Bool = false,
        answering done: @escaping () -> Coordinator.WriteAnswer
    ) {
        state = .writing
        let round = WriteRound(key, item: item, required: required, isRepair: isRepair) { [self] result in
            guard state == .writing else { return }
            switch result {
            case .acknowledged: answer(done())
            case .tableDeleted: answer(.noTable)
            case .short(let last): fail(key.tooFewReplicas(last))
            }
        }
        self.round = round
        round.start(members)
    }

    private func fail(_ reason: Unavailable.Reason) {
        coordinator.observer.noted(.quorumFailed(consistency, isWrite: true))
        let required = consistency == .strong ? key.quorums.write : 1
        let outcome: Unavailable.Outcome = round?.mayTakeEffect ?? false ? .unknown : .notApplied
        answer(
            .unavailable(
                Unavailable(reason: reason, acks: round?.acks ?? 0, required: required, outcome: outcome)))
    }

    private func answer(_ answer: Coordinator.WriteAnswer) {
        state = .finished
        guard let completion = completion.take() else { preconditionFailure("a write was answered twice") }
        key.end(ClusterWorkEnd(answer))
        coordinator.complete { completion(answer) }
    }
}

extension StoredItem {
    package init(tombstone version: Version) {
        self.init(version: version, isTombstone: true, value: [])
    }
}
