// Client operations on a whole table. Scans and counts have eventual consistency.

extension Coordinator {
    package enum PageAnswer: Equatable, Sendable {
        /// Live items in scan order, the newest version of each. `next` is the `after` of the request for the next
        /// page; nil at the end of the range. An empty page can have a `next`.
        case page(Page)
        case noTable
        case unavailable(Unavailable)
    }

    package enum CountAnswer: Equatable, Sendable {
        case count(TableCount)
        case noTable
        case unavailable(Unavailable)
    }

    /// Reads one page of a table, at most `request.limit` entries. All members together are asked for about N times
    /// `request.maximumBytes`, because each item is on N replicas.
    func page(_ request: PageRequest, trace: RequestTrace, completion: @escaping (PageAnswer) -> Void) {
        services.scheduler.start(ScanOperation(request, context(trace), completion: completion))
    }

    func count(_ table: TableState, trace: RequestTrace, completion: @escaping (CountAnswer) -> Void) {
        let services = services
        sum(table, trace: trace) { answer in
            guard case .sums(let sums, let uncovered) = answer else { return completion(.noTable) }
            if let uncovered { return completion(.unavailable(services.readUnavailable(uncovered))) }
            let roster = services.roster
            let count = TableCount(
                sums, partitions: roster.record.partitions, preferenceList: roster.preferenceList)
            guard let count else { preconditionFailure("a partition without an answer was reported as covered") }
            completion(.count(count))
        }
    }

    /// The number of live items on each member, in the record's order; nil for a member that does not answer or has
    /// deleted the table.
    func liveCounts(_ table: TableState, trace: RequestTrace, completion: @escaping ([Int?]) -> Void) {
        let members = services.roster.record.members.count
        sum(table, trace: trace) { answer in
            guard case .sums(let sums, _) = answer else { return completion(Array(repeating: nil, count: members)) }
            completion(sums.map { $0.map(Self.live) })
        }
    }

    private func sum(
        _ table: TableState, trace: RequestTrace, completion: @escaping (SumsOperation.Answer) -> Void
    ) {
        services.scheduler.start(SumsOperation(table, context(trace), completion: completion))
    }

    private static func live(_ sums: [PartitionSums]) -> Int {
        Int(clamping: sums.reduce(UInt64(0)) { $0.addingSaturated($1.live) })
    }
}

extension OperationServices {
    func readUnavailable(_ reason: Unavailable.Reason) -> Unavailable {
        observer.noted(.quorumFailed(.eventual, isWrite: false))
        return Unavailable(reason: reason, acks: 0, required: 1, outcome: .notApplied)
    }
}

extension ClusterNode {
    /// Reads one page of a table, merged from all members. Requires: bounds and prefix have at most
    /// `ItemKey.maximumBytes`.
    package func page(
        _ request: PageRequest, trace: RequestTrace, completion: @escaping (Coordinator.PageAnswer) -> Void
    ) {
        coordinator.page(request, trace: trace, completion: completion)
    }

    package func count(
        _ table: TableState, trace: RequestTrace, completion: @escaping (Coordinator.CountAnswer) -> Void
    ) {
        coordinator.count(table, trace: trace, completion: completion)
    }

    /// The number of live items on each member, in the record's order; nil for a member that does not answer.
    package func liveCounts(
        _ table: TableState, trace: RequestTrace, completion: @escaping ([(nodeID: NodeID, live: Int?)]) -> Void
    ) {
        let coordinator = coordinator
        coordinator.liveCounts(table, trace: trace) { counts in
            completion(zip(coordinator.services.roster.record.members, counts).map { ($0.nodeID, $1) })
        }
    }
}
