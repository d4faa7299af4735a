/// Sends a call that concerns a whole table to every member that may answer reads, and collects the answers. Suspect
/// members are called too, but their answers are not awaited once the other members' answers include at least one
/// replica of every partition.
final class MemberRound<Value> {
    enum Outcome: Equatable {
        /// At least one replica of every partition answered.
        case covered
        case tableDeleted
        case uncovered(Unavailable.Reason)
    }

    /// Whether the call to all members fails as soon as all replicas of one partition have failed.
    private let isAllOrNothing: Bool
    private var answers: [Value?]
    private let context: OperationContext
    private let operation: PeerCall.Operation
    private let value: (PeerAnswer) -> Value?
    private var pending: Set<MemberIndex> = []
    private var awaited: Set<MemberIndex> = []
    private var lastFailure: String?
    private var isOverloaded = false
    private var completion: ((Outcome, [Value?]) -> Void)?

    /// Prepares the call to all members; `start` sends it. `value` extracts the result from an answer, and returns nil
    /// for an answer of another kind or an invalid one. `completion` receives the results in member order, with nil for
    /// members without one.
    init(
        _ operation: PeerCall.Operation, _ context: OperationContext, isAllOrNothing: Bool,
        value: @escaping (PeerAnswer) -> Value?, completion: @escaping (Outcome, [Value?]) -> Void
    ) {
        self.isAllOrNothing = isAllOrNothing
        self.operation = operation
        self.context = context
        self.value = value
        self.completion = completion
        answers = Array(repeating: nil, count: context.roster.record.members.count)
    }

    /// Sends the call to all members that may answer reads. `completion` may be called before this method returns.
    func start() {
        let roster = context.roster
        for member in roster.record.memberIndexes {
            let liveness = roster.liveness(of: member)
            if liveness.answersReads { pending.insert(member) }
            if liveness == .alive { awaited.insert(member) }
        }
        // If no member may answer, the operation fails here, before any call is sent.
        finishIfDecided()
        guard completion != nil else { return }
        for member in pending.sorted() {
            context.call(member, operation, over: .bulk) { self.answered($0, by: member) }
        }
    }

    /// Ends the operation when its timeout has passed. It succeeds if at least one replica of every partition has
    /// answered by then.
    func expire(afterMilliseconds timeout: UInt64) {
        finish(unanswered == nil ? .covered : .uncovered(.timedOut(afterMilliseconds: timeout)))
    }

    private func answered(_ answer: Result<PeerAnswer, PeerFailure>, by member: MemberIndex) {
        guard completion != nil else { return }
        pending.remove(member)
        awaited.remove(member)
        switch answer {
        case .success(.tableDeleted): return finish(.tableDeleted)
        case .success(let answer):
            answers[member] = value(answer)
            if answers[member] == nil { lastFailure = say(answer.explanation, of: member) }
            if answer == .overloaded { isOverloaded = true }
        case .failure(let failure): lastFailure = say(failure.description, of: member)
        }
        finishIfDecided()
    }

    private func say(_ words: String, of member: MemberIndex) -> String {
        let members = context.roster.record.members
        return members.count == 1 ? words : "\(members[member].nodeID): \(words)"
    }

    private func finishIfDecided() {
        guard pending.isEmpty || isAllOrNothing || awaited.isEmpty else { return }
        if pending.isEmpty || isAllOrNothing, let lost {
            finish(.uncovered(reason(lost)))
        } else if awaited.isEmpty, unanswered == nil {
            finish(.covered)
        }
    }

    /// `unanswered` is the first partition that none of the answers received so far covers. `lost` is the first
    /// partition whose replicas have all failed to answer, so that the whole operation cannot succeed.
    private var unanswered: PartitionID? { firstPartition { self.answers[$0] == nil } }
    private var lost: PartitionID? { firstPartition { self.answers[$0] == nil && !self.pending.contains($0) } }

    /// The first partition all of whose replicas satisfy `isTrue`.
    private func firstPartition(where isTrue: (MemberIndex) -> Bool) -> PartitionID? {
        let roster = context.roster
        return roster.record.partitionIDs.first { roster.preferenceList(partition: $0).allSatisfy(isTrue) }
    }

    private func reason(_ partition: PartitionID) -> Unavailable.Reason {
        if isOverloaded { return .overloaded }
        if context.roster.record.members.count == 1, let lastFailure { return .storage(lastFailure) }
        return .partitionUnavailable(partition, last: lastFailure)
    }

    private func finish(_ outcome: Outcome) {
        guard let completion = completion.take() else { return }
        let answers = answers
        // Frees the memory of the collected answers. This object lives on until the last call in flight ends.
        self.answers = []
        completion(outcome, answers)
    }
}
