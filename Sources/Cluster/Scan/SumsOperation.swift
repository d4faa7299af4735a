/// Asks all members that may answer reads for the number of items, tombstones and bytes that they hold in each
/// partition of a table.
final class SumsOperation: Operation {
    enum Answer {
        /// By member, in member order, the number of items, tombstones and bytes that it holds in each partition of the
        /// table; nil for members without an answer. If no replica of some partition answered, `uncovered` is the
        /// reason.
        case sums([[PartitionSums]?], uncovered: Unavailable.Reason?)
        case noTable
    }

    private let table: TableState
    private let context: OperationContext
    private var round: MemberRound<[PartitionSums]>?
    private var completion: ((Answer) -> Void)?

    init(_ table: TableState, _ context: OperationContext, completion: @escaping (Answer) -> Void) {
        self.table = table
        self.context = context
        self.completion = completion
    }

    var isFinished: Bool { completion == nil }

    func start() {
        let partitions = context.roster.record.partitions
        let round = MemberRound(
            .sums(table), context, isAllOrNothing: false,
            value: { answer in
                guard case .sums(let sums) = answer, sums.count == partitions else { return nil }
                return sums
            }, completion: { [self] in finish($0, $1) })
        self.round = round
        round.start()
    }

    func expire(afterMilliseconds timeout: UInt64) { round?.expire(afterMilliseconds: timeout) }

    private func finish(_ result: MemberRound<[PartitionSums]>.Outcome, _ sums: [[PartitionSums]?]) {
        round = nil
        switch result {
        case .covered: answer(.sums(sums, uncovered: nil))
        case .tableDeleted: answer(.noTable)
        case .uncovered(let reason): answer(.sums(sums, uncovered: reason))
        }
    }

    private func answer(_ answer: Answer) {
        guard let completion = completion.take() else { preconditionFailure("sums were answered twice") }
        context.scheduler.complete { completion(answer) }
    }
}
