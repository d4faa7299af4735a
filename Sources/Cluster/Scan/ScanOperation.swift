/// Reads one page of a table: fetches a page from every member that may answer reads, and merges them.
final class ScanOperation: Operation {
    private let request: PageRequest
    private let context: OperationContext
    private var round: MemberRound<Page>?
    private var completion: ((Coordinator.PageAnswer) -> Void)?

    init(
        _ request: PageRequest, _ context: OperationContext,
        completion: @escaping (Coordinator.PageAnswer) -> Void
    ) {
        self.request = request
        self.context = context
        self.completion = completion
    }

    var isFinished: Bool { completion == nil }

    func start() {
        let share = request.share(of: context.roster.record)
        let round = MemberRound(
            .page(share), context, isAllOrNothing: true,
            value: { answer in
                guard case .page(let page) = answer, page.isProper(for: share) else { return nil }
                return page
            }, completion: { [self] in finish($0, $1) })
        self.round = round
        round.start()
    }

    func expire(afterMilliseconds timeout: UInt64) { round?.expire(afterMilliseconds: timeout) }

    private func finish(_ result: MemberRound<Page>.Outcome, _ pages: [Page?]) {
        round = nil
        switch result {
        case .covered: answer(.page(PageMerge.merge(pages.compactMap(\.self), for: request)))
        case .tableDeleted: answer(.noTable)
        case .uncovered(let reason): answer(.unavailable(context.services.readUnavailable(reason)))
        }
    }

    private func answer(_ answer: Coordinator.PageAnswer) {
        guard let completion = completion.take() else { preconditionFailure("a scan was answered twice") }
        context.scheduler.complete { completion(answer) }
    }
}

extension PageRequest {
    /// The request to one member. A member holds N of every `members.count` keys on average, so it is asked for that
    /// share plus a quarter for uneven placement. If that is not enough, the merged page is shorter than the limit.
    fileprivate func share(of record: ClusterRecord) -> PageRequest {
        var share = self
        share.limit = Self.share(min(max(limit, 1), WireLimits.pageEntries), of: record, atLeast: 16)
        share.maximumBytes = Self.share(min(max(maximumBytes, 1), WireLimits.pageBytes), of: record, atLeast: 4096)
        return share
    }

    private static func share(_ whole: Int, of record: ClusterRecord, atLeast least: Int) -> Int {
        min(whole, whole * record.quorums.replicas * 5 / (record.members.count * 4) + least)
    }
}
