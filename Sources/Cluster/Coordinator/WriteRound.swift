/// Sends one version to replicas and counts those that hold it durably: the second round of a write, and the write-back
/// of a read. It goes on after its completion: every replica's answer is counted, however late.
final class WriteRound {
    enum Outcome: Equatable {
        case acknowledged
        case tableDeleted
        /// Too many replicas have failed: the required acknowledgements can no longer arrive.
        case short(last: String?)
    }

    /// Members that hold this version or a newer one, each with the store that acknowledged it.
    private var holders: [(member: MemberIndex, storeID: StoreID)] = []
    /// Members that may hold the version or come to hold it. A write that another node rejected still counts: the
    /// network may have delivered the message twice, and the other copy may be accepted.
    private var undecided = 0
    private let replicas: ReplicaSet
    private let context: OperationContext
    private let item: StoredItem
    private let required: Int
    /// Whether the item is a copy of what a replica holds. Replicas accept such a copy even if their purge promise
    /// covers its version.
    private let isRepair: Bool
    private var pending = 0
    private var lastFailure: String?
    private var completion: ((Outcome) -> Void)?
    /// The replicas that did not acknowledge the write while no replica was known to hold it. Hints for them are stored
    /// once a replica holds the write, and never if none does.
    private var missed: [(member: MemberIndex, result: SendResult)] = []
    private var sentAt: UInt64 = 0

    init(
        _ replicas: ReplicaSet, _ context: OperationContext, item: StoredItem, required: Int, isRepair: Bool = false,
        completion: @escaping (Outcome) -> Void
    ) {
        self.isRepair = isRepair
        self.replicas = replicas
        self.context = context
        self.item = item
        self.required = PlantedFault.ackBeforeW.isPlanted ? 1 : required
        self.completion = completion
    }

    func start(_ members: [MemberIndex]) {
        let (table, key) = (replicas.table, replicas.key)
        let operation: PeerCall.Operation = isRepair ? .repair(table, key, item) : .put(table, key, item)
        sentAt = context.services.nowNanoseconds
        for member in members {
            if context.roster.liveness(of: member).takesWrites {
                pending += 1
                context.call(member, operation, over: .writes) { self.answered($0, by: member) }
            } else {
                lastFailure = context.explain("dead", of: member)
                context.count(item, of: table, to: member, .nodeDown, sentAt: nil)
                context.note(.targetDown(member))
                missed.append((member, .nodeDown))
            }
        }
        undecided = pending
        if pending == 0 { dropHints() }
        failIfQuorumImpossible()
    }

    /// An acknowledgement counts only while its store is not known to have been replaced. [A acknowledges, A's disk is
    /// replaced, B acknowledges: one disk holds the write.]
    var acks: Int { holders.count { $0.storeID == context.roster.storeID(of: $0.member) } }

    /// Whether any replica may hold the write, or come to hold it.
    var mayTakeEffect: Bool { undecided > 0 }

    private func answered(_ answer: Result<PeerAnswer, PeerFailure>, by member: MemberIndex) {
        pending -= 1
        var result = SendResult.success
        let isOwn = member == context.roster.selfIndex
        switch answer {
        case .success(.superseded(by: let version)) where version.isPurgeMark && !item.isTombstone:
            // This replica has purged the key up to a later clock, so it counts the key as deleted since. That
            // acknowledges a delete, but not a put.
            lastFailure = context.explain("the key was deleted there", of: member)
        case .success(.stored), .success(.superseded):
            holders.append((member, context.roster.storeID(of: member)))
        case .success(.tableDeleted):
            undecided -= 1
            if !isFinished { finish(.tableDeleted) }
        case .success(let other):
            lastFailure = context.explain(other.explanation, of: member)
            if !other.mayHaveHappened, isOwn { undecided -= 1 }
            result = .failure
        case .failure(let failure):
            lastFailure = context.explain(failure.description, of: member)
            if !failure.mayHaveArrived { undecided -= 1 }
            result = .failure
        }
        context.count(item, of: replicas.table, to: member, result, sentAt: sentAt)
        if result == .failure, !isOwn { missed.append((member, result)) }
        if !holders.isEmpty {
            keepHints()
        } else if pending == 0 {
            dropHints()
        }
        guard !isFinished else { return }
        if acks >= required {
            context.note(.quorumReached(acks: acks, required: required))
            return finish(.acknowledged)
        }
        failIfQuorumImpossible()
    }

    private func keepHints() {
        for (member, result) in missed {
            context.services.handoff.keep(
                item, of: replicas, for: member, missedBecause: result, trace: context.trace)
        }
        missed = []
    }

    private func dropHints() {
        for (member, result) in missed {
            let write = MissedWrite(
                target: member, result: result, isDelete: item.isTombstone, table: replicas.table,
                trace: context.trace)
            context.observer.noted(.missed(write, .noHolder))
        }
        missed = []
    }

    private var isFinished: Bool { completion == nil }

    private func failIfQuorumImpossible() {
        guard !isFinished, acks + pending < required else { return }
        // The failure is reported at the end of the loop iteration, because `start` may not have returned yet.
        context.enqueue { if !self.isFinished { self.finish(.short(last: self.lastFailure)) } }
    }

    private func finish(_ outcome: Outcome) {
        let completion = completion.take()
        completion?(outcome)
    }
}
