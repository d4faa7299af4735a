/// Sends one version to replicas and counts who holds it durably. The second round of a write, and the write-back of a
/// read. It goes on after its completion: every replica's answer is counted, however late.
final class WriteRound {
    enum Result: Equatable {
        case acknowledged
        case tableDeleted
        /// The acknowledgements required can no longer come.
        case short(last: String?)
    }

    /// Members that hold this version or a newer one, each with the store that said so.
    private var holders: [(member: Int, storeID: StoreID)] = []
    /// How many of those sent to have it, or may yet turn out to. What another node refused counts: the message may
    /// have reached it twice, and the other copy may be taken.
    private var undecided = 0
    private let key: KeyOnReplicas
    private let item: StoredItem
    private let required: Int
    /// It is a copy of what a replica holds, however old.
    private let isRepair: Bool
    private var pending = 0
    private var lastFailure: String?
    private var completion: ((Result) -> Void)?
    /// Members that did not take it, as long as nobody has: a write that no replica has leaves nothing behind.
    private var missed: [(member: Int, result: SendResult)] = []
    private var sentAt: UInt64 = 0

    init(
        _ key: KeyOnReplicas, item: StoredItem, required: Int, isRepair: Bool = false,
        completion: @escaping (Result) -> Void
    ) {
        self.isRepair = isRepair
        self.key = key
        self.item = item
        self.required = PlantedFault.ackBeforeW.isPlanted ? 1 : required
        self.completion = completion
    }

    func start(_ members: [Int]) {
        let operation: PeerCall.Operation =
            isRepair ? .repair(key.table, key.key, item) : .put(key.table, key.key, item)
        sentAt = key.coordinator.nowNanoseconds
        for member in members {
            if key.calls.standing(of: member).takesWrites {
                pending += 1
                key.call(member, operation, over: .writes) { self.answered($0, by: member) }
            } else {
                lastFailure = key.say("dead", of: member)
                key.count(item, to: member, .nodeDown, sentAt: nil)
                key.note(.targetDown(member))
                missed.append((member, .nodeDown))
            }
        }
        undecided = pending
        if pending == 0 { giveUpHints() }
        failIfHopeless()
    }

    /// An acknowledgement counts only as long as no other store is known to have taken the place of the one that gave
    /// it. [A acknowledges, A's disk is replaced, B acknowledges: one disk holds it.]
    var acks: Int { holders.count { $0.storeID == key.calls.storeID(of: $0.member) } }

    /// Whether any replica may have it, or come to have it.
    var mayTakeEffect: Bool { undecided > 0 }

    private func answered(_ answer: Swift.Result<PeerAnswer, PeerFailure>, by member: Int) {
        pending -= 1
        var result = SendResult.success
        switch answer {
        case .success(.superseded(by: let version)) where version.isPurgeMark && !item.isTombstone:
            // It knows the key to be deleted since. To a tombstone that is an acknowledgement, to a value it is none.
            lastFailure = key.say("the key was deleted there", of: member)
        case .success(.stored), .success(.superseded):
            holders.append((member, key.calls.storeID(of: member)))
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
        key.count(item, to: member, result, sentAt: sentAt)
        if result == .failure, member != key.calls.selfIndex { missed.append((member, result)) }
        if !holders.isEmpty {
            keepHints()
        } else if pending == 0 {
            giveUpHints()
        }
        guard !isFinished else { return }
        if acks >= required {
            key.note(.quorumReached(acks: acks, required: required))
            return finish(.acknowledged)
        }
        failIfHopeless()
    }

    private func keepHints() {
        for (member, result) in missed { key.coordinator.keepHint(item, key, member, result) }
        missed = []
    }

    private func giveUpHints() {
        for (member, result) in missed {
            key.coordinator.observer.noted(.missed(MissedWrite(item, key, member, result), .noHolder))
        }
        missed = []
    }

    private var isFinished: Bool { completion == nil }

    private func failIfHopeless() {
        guard !isFinished, acks + pending < required else { return }
        // Not at once: `start` may not have returned.
        key.enqueue { if !self.isFinished { self.finish(.short(last: self.lastFailure)) } }
    }

    private func finish(_ result: Result) {
        let completion = completion.take()
        completion?(result)
    }
}
