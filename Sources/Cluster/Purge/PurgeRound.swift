/// Raises the purge mark of one partition, so that its old tombstones can go from all replicas. Led by any replica;
/// only when all N take part.
///
/// First all promise, durably, to refuse late frames up to the new mark. Then what they hold is
/// compared, live rows too: each must hold, same or newer, every row up to the mark that any holds. Only then the mark
/// rises. [A live row that one replica never got would be declared deleted.] Leaves that are equal on all replicas need
/// no lists: after the promise a replica can only gain rows that another had.
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
    /// Ends with why not, where that is so.
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

    /// The same of all replicas; goes on with the answers, in their order, when all are right.
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

    /// What some replica lacks of what another holds; nil when nothing.
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
            if !holdsAll { return say("lacks what another replica holds", of: members[index]) }
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
