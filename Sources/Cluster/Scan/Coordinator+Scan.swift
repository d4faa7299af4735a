// What clients ask of a whole table. Scans and counts are eventual.

extension Coordinator {
    package enum PageAnswer: Equatable, Sendable {
        /// Live items in the order of the walk, the newest version of each once. `next` is the `after` of the request
        /// for the page behind it, nil at the end of the range; a page may be empty and still have it.
        case page(Page)
        case noTable
        case unavailable(Unavailable)
    }

    package enum CountAnswer: Equatable, Sendable {
        case count(TableCount)
        case noTable
        case unavailable(Unavailable)
    }

    /// At most `limit` entries; about `maximumBytes` are asked of the members together for each replica.
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
            guard let count else { preconditionFailure("the partitions were covered and are not") }
            completion(.count(count))
        }
    }

    /// How many live items each member holds, by its index in the record; nil where it does not answer, or says that
    /// the table is deleted.
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
    /// One merged page of the whole cluster. Requires: bounds and prefix of at most `ItemKey.maximumBytes`.
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

    /// How many live items each member holds, in the record's order; nil where it does not answer.
    package func liveCounts(
        _ table: TableState, trace: RequestTrace, completion: @escaping ([(nodeID: NodeID, live: Int?)]) -> Void
    ) {
        let coordinator = coordinator
        coordinator.liveCounts(table, trace: trace) { counts in
            completion(zip(coordinator.services.roster.record.members, counts).map { ($0.nodeID, $1) })
        }
    }
}
