/// One GET that memory could not answer at once.
///
/// A strong read takes the item from one replica and versions from others until R have answered. It may be told to the
/// client only when W members are known to hold the newest version of them, so that every later read meets it too;
/// otherwise the read writes it back first. (Attiya, Bar-Noy and Dolev, "Sharing Memory Robustly in Message-Passing
/// Systems", 1995.) That R agree is not enough when R < W.
final class StrongRead: Operation {
    private enum State {
        case askingVersions, fetching, writingBack, finished
    }

    private let key: KeyOnReplicas
    private let coordinator: Coordinator
    private var completion: ((Coordinator.ReadAnswer) -> Void)?
    private var state = State.askingVersions
    private var versions: VersionRound?
    private var writeBack: WriteRound?
    /// Holders of the newest version that could not give its value.
    private var unable: Set<Int> = []

    init(_ key: KeyOnReplicas, completion: @escaping (Coordinator.ReadAnswer) -> Void) {
        self.key = key
        coordinator = key.coordinator
        self.completion = completion
    }

    var isFinished: Bool { state == .finished }

    func start() {
        let round = VersionRound(
            key, members: key.readersInOrder, required: key.quorums.read, asksForItem: true
        ) { [self] in asked($0) }
        versions = round
        round.start()
        coordinator.hedge(self)
    }

    func hedge() { versions?.hedge() }

    func expire(afterMilliseconds timeout: UInt64) {
        fail(.timedOut(afterMilliseconds: timeout))
    }

    private func asked(_ result: VersionRound.Result) {
        guard state == .askingVersions else { return }
        switch result {
        case .short(let last): fail(key.tooFewReplicas(last))
        case .tableDeleted: answer(.noTable)
        case .answered: decide()
        }
    }

    private func decide() {
        guard let versions else { return }
        // No write that anyone was told of can hide behind this: R replicas and W replicas share one.
        guard let newest = versions.newest else { return answer(.noItem) }
        if newest.isTombstone { return conclude(StoredItem(tombstone: newest.version)) }
        guard let item = versions.item, HeldVersion(item) == newest else { return fetch(newest) }
        conclude(item)
    }

    /// The newest version was named by a replica that had not been asked for the item.
    private func fetch(_ newest: HeldVersion) {
        guard let versions else { return }
        state = .fetching
        let holders = versions.held.filter { $0.version == newest }.map(\.member)
        guard let holder = holders.first(where: { !unable.contains($0) }) else {
            return fail(.tooFewReplicas(last: "no replica could give the newest value"))
        }
        key.call(holder, .get(key.table, key.key), over: .reads) { [self] answer in
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
        let enough = PlantedFault.readBeforeWHold.isPlanted ? key.quorums.read : key.quorums.write
        let missing = enough - holders.count
        // What was purged had been deleted on all replicas before.
        guard missing > 0, !item.version.isPurgeMark, !PlantedFault.noWriteBack.isPlanted else {
            answer(.init(item))
            return repairStale(item, versions)
        }
        state = .writingBack
        coordinator.observer.noted(.wroteBack)
        key.note(.writesBack(missing: missing))
        let round = WriteRound(key, item: item, required: missing, isRepair: true) { [self] result in
            guard state == .writingBack else { return }
            switch result {
            case .acknowledged: answer(.init(item))
            case .tableDeleted: answer(.noTable)
            case .short(let last): fail(key.tooFewReplicas(last))
            }
        }
        writeBack = round
        round.start(key.members.filter { !holders.contains($0) })
    }

    /// Those that were found behind are sent what they lack; nobody waits for that.
    private func repairStale(_ item: StoredItem, _ versions: VersionRound) {
        guard !item.version.isPurgeMark else { return }
        for (member, held) in versions.held where (held.map { $0.version < item.version } ?? true) {
            coordinator.repair(item, of: key, at: member)
        }
    }

    private func fail(_ reason: Unavailable.Reason) {
        coordinator.observer.noted(.quorumFailed(.strong, isWrite: false))
        answer(
            .unavailable(
                Unavailable(
                    reason: reason, acks: versions?.held.count ?? 0, required: key.quorums.read,
                    outcome: .notApplied)))
    }

    private func answer(_ answer: Coordinator.ReadAnswer) {
        state = .finished
        guard let completion = completion.take() else { preconditionFailure("a read was answered twice") }
        key.end(ClusterWorkEnd(answer))
        coordinator.complete { completion(answer) }
    }
}

/// The own replica's word, or that of the first live one that gives any.
final class EventualRead: Operation {
    private let key: KeyOnReplicas
    private var unasked: [Int] = []
    private var completion: ((Coordinator.ReadAnswer) -> Void)?
    private var lastFailure: String?

    init(_ key: KeyOnReplicas, completion: @escaping (Coordinator.ReadAnswer) -> Void) {
        self.key = key
        self.completion = completion
    }

    var isFinished: Bool { completion == nil }

    func start() {
        unasked = key.readersInOrder.reversed()
        askNext()
    }

    /// Somebody is slow: another is asked too, and the first answer counts.
    func hedge() {
        guard !isFinished, !unasked.isEmpty else { return }
        key.note(.hedged)
        askNext()
    }

    func expire(afterMilliseconds timeout: UInt64) {
        fail(.timedOut(afterMilliseconds: timeout))
    }

    private func askNext() {
        guard let member = unasked.popLast() else {
            return key.enqueue { if !self.isFinished { self.fail(self.key.tooFewReplicas(self.lastFailure)) } }
        }
        key.call(member, .get(key.table, key.key), over: .reads) { self.answered($0, by: member) }
        key.coordinator.hedge(self)
    }

    private func answered(_ answer: Result<PeerAnswer, PeerFailure>, by member: Int) {
        guard !isFinished else { return }
        switch answer {
        case .success(.item(let item)): finish(Coordinator.ReadAnswer(item))
        case .success(.tableDeleted): finish(.noTable)
        case .success(let other):
            lastFailure = key.say(other.explanation, of: member)
            askNext()
        case .failure(let failure):
            lastFailure = key.say(failure.description, of: member)
            askNext()
        }
    }

    private func fail(_ reason: Unavailable.Reason) {
        key.coordinator.observer.noted(.quorumFailed(.eventual, isWrite: false))
        finish(.unavailable(Unavailable(reason: reason, acks: 0, required: 1, outcome: .notApplied)))
    }

    private func finish(_ answer: Coordinator.ReadAnswer) {
        guard let completion = completion.take() else { preconditionFailure("a read was answered twice") }
        key.end(ClusterWorkEnd(answer))
        key.coordinator.complete { completion(answer) }
    }
}

extension Coordinator.ReadAnswer {
    init(_ item: StoredItem?) {
        if let item, !item.isTombstone { self = .found(item) } else { self = .noItem }
    }
}
