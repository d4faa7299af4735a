/// Repairs one leaf of the hash tree between two replicas: merges both sorted row lists page by page, and copies each
/// row that one side lacks, or holds in an older version, to that side.
final class LeafComparison {
    struct Outcome {
        var differing = 0
        var oldestMilliseconds: UInt64 = 0
        var pulled = 0
        var pushed = 0
        var dropped = 0
        /// Whether every row that differed has been repaired.
        var isComplete = true

        var repaired: Int { pulled + pushed + dropped }
    }

    fileprivate enum Repair {
        case pull(LeafList.Row)
        case push(LeafList.Row)
        case drop(LeafList.Row)
    }

    let place: KeyPlace
    private let theirs: PartitionLeaves
    /// Owns this comparison.
    private unowned let session: AntiEntropySession
    private let completion: (LeafComparison, Outcome) -> Void
    private var result = Outcome()
    private var after: RowPlace?
    private var hasMore = false
    private var repairs: [Repair] = []
    private var inFlight = 0

    init(
        _ place: KeyPlace, of theirs: PartitionLeaves, in session: AntiEntropySession,
        completion: @escaping (LeafComparison, Outcome) -> Void
    ) {
        self.place = place
        self.theirs = theirs
        self.session = session
        self.completion = completion
    }

    func start() { list() }

    private func list() {
        let request = LeafRequest(place, after: after, limit: AntiEntropyLimits.rowsPerList)
        session.call(.list(request)) { [self] answer in
            guard case .success(.rows(let list)) = answer else { return finish(complete: false) }
            session.store.list(request) { [self] ours in
                guard case .success(let ours) = ours else { return finish(complete: false) }
                compare(ours, list)
            }
        }
    }

    /// Compares the rows up to the last key that both pages cover, and continues behind it with the next pages.
    private func compare(_ ours: LeafList, _ list: LeafList) {
        let ends = [ours, list].compactMap { $0.hasMore ? $0.rows.last?.place : nil }
        let fence = ends.min()
        var (left, right) = (ours.rows.before(fence), list.rows.before(fence))
        while let place = [left.first?.place, right.first?.place].compactMap(\.self).min() {
            let our = left.first?.place == place ? left.popFirst() : nil
            let their = right.first?.place == place ? right.popFirst() : nil
            if let repair = repair(our, their) { note(repair) }
        }
        after = fence
        hasMore = fence != nil
        advance()
    }

    private func repair(_ our: LeafList.Row?, _ their: LeafList.Row?) -> Repair? {
        switch (our, their) {
        case (let our?, let their?):
            if PlantedFault.olderOverNewer.isPlanted {
                return our.held == their.held ? nil : their.held.replaces(our.held) ? .push(our) : .pull(their)
            }
            if their.held.replaces(our.held) { return .pull(their) }
            return our.held.replaces(their.held) ? .push(our) : nil
        case (let our?, nil):
            guard our.held.version.clock <= theirs.purged, !theirs.isRecovering else { return .push(our) }
            return .drop(our)
        case (nil, let their?):
            let mark = session.store.mark(of: place.partition)
            // The row was purged here. The peer removes it when it starts a session with this node.
            return their.held.version.clock <= mark.purged && !session.takesAll ? nil : .pull(their)
        case (nil, nil): return nil
        }
    }

    private func note(_ repair: Repair) {
        let row = repair.row
        let isRecent = session.replica.recentWrites?.contains(row.place) ?? false
        guard session.takesAll || !isRecent else { return }
        result.differing += 1
        let age = session.clock.wallMilliseconds.subtractingToZero(row.held.version.clock.milliseconds)
        result.oldestMilliseconds = max(result.oldestMilliseconds, age)
        repairs.append(repair)
    }

    private func advance() {
        while inFlight < AntiEntropyLimits.repairsInFlightPerLeaf, let next = repairs.popLast() {
            // If the table was deleted meanwhile, its rows were deleted too and need no repair.
            guard let table = session.replica.catalog.catalog.live(next.row.place.table) else { continue }
            inFlight += 1
            perform(next, of: table)
        }
        guard inFlight == 0, repairs.isEmpty else { return }
        if hasMore, result.isComplete { list() } else { finish(complete: !hasMore) }
    }

    private func finish(complete: Bool) {
        result.isComplete = result.isComplete && complete
        completion(self, result)
    }
}

extension LeafComparison.Repair {
    fileprivate var row: LeafList.Row {
        switch self {
        case .pull(let row), .push(let row), .drop(let row): row
        }
    }
}

extension [LeafList.Row] {
    /// The rows up to and including the place `fence`; all rows if `fence` is nil.
    fileprivate func before(_ fence: RowPlace?) -> ArraySlice<LeafList.Row> {
        guard let fence else { return self[...] }
        return self[..<(firstIndex { $0.place > fence } ?? endIndex)]
    }
}

// Copies one row to the replica that lacks its newest version, or removes a row that the peer has purged.
extension LeafComparison {
    private func perform(_ repair: Repair, of table: TableState) {
        switch repair {
        case .pull(let row): pull(row, table)
        case .push(let row): push(row, table)
        case .drop(let row): drop(row)
        }
    }

    private func pull(_ row: LeafList.Row, _ table: TableState) {
        if row.held.isTombstone { return keep(StoredItem(tombstone: row.held.version), row) }
        session.call(.get(table, row.place.key)) { [self] answer in
            switch answer {
            case .success(.item(let item?)): keep(item, row)
            case .success(.tableDeleted): settled(true)
            default: settled(false)
            }
        }
    }

    private func keep(_ item: StoredItem, _ row: LeafList.Row) {
        let write = ReplicaWrite(table: row.place.table, key: row.place.key, item: item, isRepair: true)
        session.store.submit(write) { [self] outcome in
            switch outcome {
            case .committed:
                result.pulled += 1
                settled(true)
            case .superseded, .tableDeleted: settled(true)
            case .expired, .refused, .failed: settled(false)
            }
        }
    }

    private func push(_ row: LeafList.Row, _ table: TableState) {
        session.store.fetch(row.place.table, row.place.key) { [self] fetched in
            guard case .success(let item?) = fetched else { return settled(false) }
            session.call(.repair(table, row.place.key, item)) { [self] answer in
                switch answer {
                case .success(.stored):
                    result.pushed += 1
                    settled(true)
                case .success(.superseded), .success(.tableDeleted): settled(true)
                default: settled(false)
                }
            }
        }
    }

    /// Removes a row that the peer has purged: the item was deleted, and this replica missed the delete.
    private func drop(_ row: LeafList.Row) {
        let gone = Purge.Row(table: row.place.table, key: row.place.key, version: row.held.version)
        let mark = session.takesAll ? HybridTimestamp(rawValue: 0) : theirs.purged
        session.store.submit(Purge(partition: place.partition, mark: mark, rows: [gone])) { [self] outcome in
            if outcome == .committed { result.dropped += 1 }
            settled(outcome == .committed)
        }
    }

    private func settled(_ isDone: Bool) {
        inFlight -= 1
        if !isDone { result.isComplete = false }
        advance()
    }
}
