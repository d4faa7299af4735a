/// Asks every member whose reads count the same of a table, until all have answered or failed. Suspect members are
/// asked, but not waited for once the others have answered for every partition.
final class MemberRound<Value> {
    enum Outcome: Equatable {
        /// Every partition has a replica among those that answered.
        case covered
        case tableDeleted
        case uncovered(Unavailable.Reason)
    }

    /// Whether it ends as soon as some partition can have no answer any more.
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

    /// `value` takes what was asked for out of an answer: nil when it is something else, or cannot be right.
    /// `completion` gets the values by member, nil where there is none.
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

    /// May come to its end before it returns.
    func start() {
        let roster = context.roster
        for member in roster.record.memberIndexes {
            let liveness = roster.liveness(of: member)
            if liveness.answersReads { pending.insert(member) }
            if liveness == .alive { awaited.insert(member) }
        }
        // Without anyone to wait for, nobody needs to be asked.
        finishIfDecided()
        guard completion != nil else { return }
        for member in pending.sorted() {
            context.call(member, operation, over: .bulk) { self.answered($0, by: member) }
        }
    }

    /// Waits no longer.
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

    /// The first partition of which no replica has answered yet, and the first of which none can any more.
    private var unanswered: PartitionID? { firstPartition { self.answers[$0] == nil } }
    private var lost: PartitionID? { firstPartition { self.answers[$0] == nil && !self.pending.contains($0) } }

    /// The first partition of all whose replicas that holds.
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
        // Late answers of others keep this alive: without what it gathered.
        self.answers = []
        completion(outcome, answers)
    }
}
