/// Sends one version to replicas and counts who holds it durably. The second round of a write, and the write-back of a
/// read. It goes on after its completion: every replica's answer is counted, however late.
final class WriteRound {
    enum Result: Equatable {
        case acknowledged
        case tableDeleted
        /// The acknowledgements required can no longer come.
        case short(last: String?)
    }

    /// Members that hold this version or a newer one.
    private(set) var acks = 0
    /// How many of those sent to have it, or may yet turn out to. What another node refused counts: the message may
    /// have reached it twice, and the other copy may be taken.
    private var undecided = 0
    private let key: KeyOnReplicas
    private let item: StoredItem
    private let required: Int
    private var pending = 0
    private var lastFailure: String?
    private var completion: ((Result) -> Void)?

    init(
        _ key: KeyOnReplicas, item: StoredItem, required: Int, completion: @escaping (Result) -> Void
    ) {
        self.key = key
        self.item = item
        self.required = PlantedFault.ackBeforeW.isPlanted ? 1 : required
        self.completion = completion
    }

    func start(_ members: [Int]) {
        for member in members {
            if key.calls.standing(of: member).takesWrites {
                pending += 1
                key.call(member, .put(key.table, key.key, item), over: .writes) { self.answered($0, by: member) }
            } else {
                lastFailure = key.say("dead", of: member)
                key.count(item, to: member, .nodeDown)
            }
        }
        undecided = pending
        failIfHopeless()
    }

    /// Whether any replica may have it, or come to have it.
    var mayTakeEffect: Bool { undecided > 0 }

    private func answered(_ answer: Swift.Result<PeerAnswer, PeerFailure>, by member: Int) {
        pending -= 1
        var result = SendResult.success
        switch answer {
        case .success(.stored), .success(.superseded):
            acks += 1
        case .success(.tableDeleted):
            undecided -= 1
            if !isFinished { finish(.tableDeleted) }
        case .success(let other):
            lastFailure = key.say(other.explanation, of: member)
            if !other.mayHaveHappened, member == key.calls.selfIndex { undecided -= 1 }
            result = .failure
        case .failure(let failure):
            lastFailure = key.say(failure.description, of: member)
            if !failure.mayHaveArrived { undecided -= 1 }
            result = .failure
        }
        key.count(item, to: member, result)
        guard !isFinished else { return }
        if acks >= required { return finish(.acknowledged) }
        failIfHopeless()
    }

    private var isFinished: Bool { completion == nil }

    private func failIfHopeless() {
        guard !isFinished, acks + pending < required else { return }
        // Not at once: `start` may not have returned.
        key.soon { if !self.isFinished { self.finish(.short(last: self.lastFailure)) } }
    }

    private func finish(_ result: Result) {
        let completion = completion.take()
        completion?(result)
    }
}
