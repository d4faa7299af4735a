/// Raises the purge mark of one partition, which removes its old tombstones from all replicas. Any replica may lead a
/// round; all N replicas must take part.
///
/// First every replica durably promises to reject late writes up to the new mark. Then the leader compares the rows of
/// all replicas, live rows included: for each row up to the mark on any replica, every replica must hold that row or a
/// newer version. Only then the mark rises. [A live row that one replica never received would be treated as deleted.]
/// Leaves with equal digests need no row lists, because after the promise a replica can only gain rows that another
/// replica already had.
final class PurgeRound {
    let partition: PartitionID
    let mark: HybridTimestamp
    private let members: [MemberIndex]
    private let calls: any PeerCalls
    private let timeoutMilliseconds: UInt64
    private var leaves: [PartitionLeaves] = []
    private var unequal: [Int] = []
    private var missing = 0
    private var problem: String?
    /// Called once at the end of the purge round, with nil if the purge mark was raised and otherwise with the reason
    /// why not.
    private var completion: ((_ problem: String?) -> Void)?

    init(
        partition: PartitionID, mark: HybridTimestamp, calls: any PeerCalls, timeoutMilliseconds: UInt64,
        completion: @escaping (_ problem: String?) -> Void
    ) {
        self.partition = partition
        self.mark = mark
        self.calls = calls
        self.timeoutMilliseconds = timeoutMilliseconds
        self.completion = completion
        members = calls.roster.preferenceList(partition: partition)
    }

    func start() {
        askAll(.promise(partition: partition, mark), isRight: { $0 == .stored }, then: { _ in self.compare() })
    }

    /// Sends one call to all N replicas of the partition. When every answer satisfies `isRight`, calls `go` with the
    /// answers in preference-list order; otherwise the purge round ends with the first failure as its reason.
    private func askAll(
        _ operation: PeerCall.Operation, isRight: @escaping (PeerAnswer) -> Bool,
        then go: @escaping ([PeerAnswer]) -> Void
    ) {
        var answers: [MemberIndex: PeerAnswer] = [:]
        missing = members.count
        for member in members {
            ask(member, operation) { [self] answer in
                missing -= 1
                if case .success(let answer) = answer, isRight(answer) {
                    answers[member] = answer
                } else {
                    problem = problem ?? say(answer.failureText, of: member)
                }
                guard missing == 0 else { return }
                if let problem { finish(problem) } else { go(members.compactMap { answers[$0] }) }
            }
        }
    }

    private func ask(
        _ member: MemberIndex, _ operation: PeerCall.Operation,
        completion: @escaping (Result<PeerAnswer, PeerFailure>) -> Void
    ) {
        calls.call(
            member, operation, over: .bulk, trace: .none, timeoutMilliseconds: timeoutMilliseconds,
            completion: completion)
    }

    private func say(_ words: String, of member: MemberIndex) -> String {
        "\(calls.roster.record.members[member].nodeID): \(words)"
    }

    private func compare() {
        if PlantedFault.markWithoutComparing.isPlanted || PlantedFault.tombstonePurgedEarly.isPlanted { return raise() }
        askAll(.leaves([partition]), isRight: { self.leaves(in: $0) != nil }, then: { [self] answers in
            leaves = answers.compactMap { self.leaves(in: $0) }
            unequal = (0..<KeyPlace.leavesPerPartition).filter { leaf in
                leaves.contains { $0.digests[leaf] != leaves[0].digests[leaf] }
            }
            compareNextLeaf()
        })
    }

    private func leaves(in answer: PeerAnswer) -> PartitionLeaves? {
        guard case .leaves(let leaves) = answer, leaves.count == 1, let first = leaves.first, !first.isRecovering
        else { return nil }
        return first.partition == partition ? first : nil
    }

    private func compareNextLeaf() {
        guard let leaf = unequal.popLast() else { return raise() }
        let place = KeyPlace(partition: partition, leaf: UInt8(leaf))
        var lists: [[RowPlace: HeldVersion]] = Array(repeating: [:], count: members.count)
        var left = members.count
        for (index, member) in members.enumerated() {
            list(place, of: member, behind: nil, into: [:]) { [self] rows in
                if let rows { lists[index] = rows }
                left -= 1
                guard left == 0 else { return }
                if problem == nil { problem = difference(lists) }
                if let problem { finish(problem) } else { compareNextLeaf() }
            }
        }
    }

    private func list(
        _ place: KeyPlace, of member: MemberIndex, behind after: RowPlace?, into known: [RowPlace: HeldVersion],
        completion: @escaping ([RowPlace: HeldVersion]?) -> Void
    ) {
        ask(member, .list(LeafRequest(place, after: after, limit: PurgeLimits.rowsPerList))) { [self] answer in
            guard case .success(.rows(let list)) = answer else {
                problem = problem ?? say(answer.failureText, of: member)
                return completion(nil)
            }
            var rows = known
            for row in list.rows { rows[row.place] = row.held }
            guard list.hasMore, let last = list.rows.last else { return completion(rows) }
            guard rows.count < PurgeLimits.rowsPerLeaf else {
                problem = problem ?? say("a leaf has more than \(PurgeLimits.rowsPerLeaf) rows", of: member)
                return completion(nil)
            }
            self.list(place, of: member, behind: last.place, into: rows, completion: completion)
        }
    }

    /// Describes the first replica that lacks a row up to the mark which another replica holds; nil if there is none.
    private func difference(_ lists: [[RowPlace: HeldVersion]]) -> String? {
        var newest: [RowPlace: Version] = [:]
        for (place, held) in lists.joined() where held.version.clock <= mark {
            newest[place] = max(newest[place] ?? held.version, held.version)
        }
        for (index, list) in lists.enumerated() {
            let purged = leaves[index].purged
            let holdsAll = newest.allSatisfy { place, version in
                list[place].map { $0.version >= version } ?? (version.clock <= purged)
            }
            if !holdsAll { return say("lacks a row that another replica holds", of: members[index]) }
        }
        return nil
    }

    private func raise() {
        askAll(.purge(partition: partition, mark), isRight: { $0 == .stored }, then: { _ in self.finish(nil) })
    }

    private func finish(_ problem: String?) {
        let completion = completion.take()
        completion?(problem)
    }
}
