@testable import Cluster
import Testing

private func text(_ page: Page) -> String {
    let keys = page.entries.map { String(decoding: $0.key.bytes, as: UTF8.self) }
    return (keys + (page.next == nil ? [] : [">"])).joined(separator: " ")
}

private func text(_ answer: Coordinator.PageAnswer?) -> String {
    switch answer {
    case .page(let page): text(page)
    case .noTable: "no table"
    case .unavailable(let unavailable): "\(unavailable.reason)"
    case nil: "nothing yet"
    }
}

private func text(_ answer: Coordinator.CountAnswer?) -> String {
    switch answer {
    case .count(let count): (count.isExact ? "" : "about ") + "\(count.live)"
    case .noTable: "no table"
    case .unavailable(let unavailable): "\(unavailable.reason)"
    case nil: "nothing yet"
    }
}

extension ReplicaGroup {
    /// Stores a value on some of the key's replicas, or on all of them if `members` is nil. A nil value is a tombstone.
    fileprivate func store(_ value: String?, _ key: String, clock: UInt64, on members: [MemberIndex]? = nil) {
        let key = itemKey(key)
        let place = KeyPlace(key: key, partitions: 16)
        let version = Version(clock: HybridTimestamp(milliseconds: clock), writeID: 1)
        let item = value.map { StoredItem(version: version, isTombstone: false, value: Array($0.utf8)) }
            ?? StoredItem(tombstone: version)
        for member in nodes[0].calls.preferenceList(partition: place.partition) {
            guard members?.contains(member) ?? true else { continue }
            nodes[member].store.submit(ReplicaWrite(table: Self.table.id, key: key, item: item)) { _ in }
            nodes[member].store.settle()
        }
    }

    fileprivate func page(
        at node: MemberIndex = 0, _ change: (inout PageRequest) -> Void = { _ in }
    ) -> Answer<Coordinator.PageAnswer> {
        var request = PageRequest(table: Self.table)
        change(&request)
        let answer = Answer<Coordinator.PageAnswer>()
        nodes[node].coordinator.page(request, trace: .none) { answer.set($0) }
        precondition(answer.value == nil, "a completion came before the starting call returned")
        settle()
        return answer
    }

    fileprivate func scan(at node: MemberIndex, reverse: Bool) throws -> [String] {
        var found: [String] = []
        var after: [UInt8]?
        repeat {
            let answer = page(at: node) { ($0.limit, $0.after, $0.reverse) = (17, after, reverse) }
            guard case .page(let page)? = answer.value else { throw StoreError.inputOutput(text(answer.value)) }
            found += page.entries.map { String(decoding: $0.key.bytes, as: UTF8.self) }
            after = page.next?.bytes
        } while after != nil
        return found
    }

    fileprivate func count(at node: MemberIndex = 0) -> Answer<Coordinator.CountAnswer> {
        let answer = Answer<Coordinator.CountAnswer>()
        nodes[node].coordinator.count(Self.table, trace: .none) { answer.set($0) }
        precondition(answer.value == nil, "a completion came before the starting call returned")
        settle()
        return answer
    }

    fileprivate func liveCounts(at node: MemberIndex = 0) -> [Int?]? {
        let answer = Answer<[Int?]>()
        nodes[node].coordinator.liveCounts(Self.table, trace: .none) { answer.set($0) }
        settle()
        return answer.value
    }
}

@Suite struct ScanOperationTests {
    @Test("A scan through any node returns each key once with its newest version, without deleted keys")
    func merges() throws {
        let group = try ReplicaGroup()
        group.store("old", "a", clock: 1)
        group.store("new", "a", clock: 2, on: [1])
        group.store("old", "b", clock: 1)
        group.store(nil, "b", clock: 2, on: [2])
        group.store("only", "c", clock: 1, on: [0])
        for node in members(3) {
            guard case .page(let page)? = group.page(at: node).value else { return _ = Issue.record("no page") }
            #expect(text(page) == "a c")
            #expect(page.entries[0].item.value == Array("new".utf8))
        }
    }

    @Test("A scan of two hundred keys over ten nodes is complete in both directions with any two nodes dead")
    func tenNodes() throws {
        let group = try ReplicaGroup(10, replicas: 3, isPlaced: true)
        let keys = (0..<200).map { "k\(1000 + $0)" }
        for key in keys { group.store("v", key, clock: 1) }
        for (first, second) in [(0, 1), (3, 7), (8, 9)] as [(MemberIndex, MemberIndex)] {
            group.dead = [first, second]
            #expect(try group.scan(at: 2, reverse: false) == keys)
            #expect(try group.scan(at: 2, reverse: true) == keys.reversed())
        }
    }

    @Test("A scan requests about one page from all members together, not one page from each")
    func share() throws {
        let group = try ReplicaGroup(10, replicas: 3, isPlaced: true)
        group.held = { _ in true }
        _ = group.page { $0.limit = 1000 }
        #expect(group.underWay.map(\.to) == members(10))
        for message in group.underWay {
            guard case .page(let request) = message.call.operation else { return _ = Issue.record("no page") }
            #expect((300...400).contains(request.limit))
        }
    }

    @Test("A scan fails at once, without any call, when a partition has no live replica; the error names the partition")
    func lostPartition() throws {
        let group = try ReplicaGroup(5, replicas: 3, isPlaced: true)
        let lists = (0..<16).map { group.nodes[0].calls.preferenceList(partition: PartitionID($0)) }
        group.dead = Set(lists[4])
        let first = try #require(lists.firstIndex { Set($0).isSubset(of: group.dead) })
        let other = try #require(members(5).first { !group.dead.contains($0) })
        group.held = { _ in true }
        #expect(text(group.page(at: other).value) == "partitionUnavailable(\(first), last: nil)")
        #expect(group.underWay.isEmpty)
    }

    @Test("Other replicas replace a member that fails during a scan; without any other replica the scan fails")
    func failingMembers() throws {
        let group = try ReplicaGroup()
        group.store("v", "a", clock: 1)
        group.lost = { $0.to == 1 ? .refused : nil }
        #expect(text(group.page().value) == "a")
        group.nodes[0].store.readError = .damaged("a block")
        #expect(text(group.page().value) == "a")
        group.recovering = [2]
        let why = text(group.page().value)
        #expect(why.hasPrefix("partitionUnavailable(0, last:"), "\(why)")
    }

    @Test("A scan does not read from a recovering member, and fails with `noTable` when the table is deleted meanwhile")
    func recoveringAndDeleted() throws {
        let group = try ReplicaGroup()
        group.store("v", "a", clock: 1)
        group.recovering = [0]
        group.store("ghost", "b", clock: 1, on: [0])
        #expect(text(group.page(at: 0).value) == "a")
        group.recovering = []
        let table = ReplicaGroup.table
        group.nodes[1].catalog.merge(
            TableState(name: table.name, generation: 1, isDeleted: true, createdAtMilliseconds: 0))
        #expect(text(group.page(at: 0).value) == "no table")
        #expect(text(group.count(at: 0).value) == "no table")
        #expect(group.liveCounts() == [nil, nil, nil])
    }

    @Test("A scan waits for a slow member, but for a suspect member only if no other replica holds its partitions")
    func suspects() throws {
        let group = try ReplicaGroup()
        group.store("v", "a", clock: 1)
        group.store("v", "b", clock: 1, on: [2])
        group.held = { $0.to == 2 }
        let slow = group.page()
        #expect(slow.value == nil)
        group.release()
        #expect(text(slow.value) == "a b")
        group.suspect = [2]
        group.held = { $0.to == 2 }
        #expect(text(group.page().value) == "a")
        group.dead = [0, 1]
        let needed = group.page()
        #expect(needed.value == nil)
        group.release()
        #expect(text(needed.value) == "a b")
    }

    @Test("At the operation timeout a scan returns its result if that covers the table, and a timeout otherwise")
    func timesOut() throws {
        let group = try ReplicaGroup()
        group.store("v", "a", clock: 1)
        group.held = { $0.to == 2 }
        let covered = group.page()
        group.advance(5_000)
        #expect(text(covered.value) == "a")
        group.held = { _ in true }
        let nothing = group.page()
        group.advance(5_000)
        #expect(text(nothing.value) == "timedOut(afterMilliseconds: 5000)")
        group.release()
    }

    @Test("A scan ignores invalid answers: pages out of order or out of range, and sums of the wrong length")
    func improperAnswers() throws {
        let group = try ReplicaGroup()
        group.store("v", "a", clock: 1, on: [0, 1])
        group.store("v", "c", clock: 1, on: [0, 1])
        let wrong = Page(
            entries: ["c", "b"].map { key in
                Page.Entry(
                    key: itemKey(key),
                    item: StoredItem(
                        version: Version(clock: HybridTimestamp(rawValue: 9), writeID: 9), isTombstone: false,
                        value: []))
            }, next: nil)
        group.held = { $0.to == 2 }
        let answer = group.page()
        let message = try #require(group.underWay.first)
        message.completion(.success(.page(wrong)))
        group.settle()
        #expect(text(answer.value) == "a c")
        let count = group.count()
        try #require(group.underWay.last).completion(.success(.sums([])))
        group.settle()
        #expect(text(count.value) == "about 2")
    }
}

@Suite struct CountTests {
    @Test("A count is exact if all replicas of every partition hold the same rows, including tombstones")
    func exact() throws {
        let group = try ReplicaGroup(5, replicas: 3, isPlaced: true)
        #expect(text(group.count().value) == "0")
        for number in 0..<50 { group.store("v", "k\(number)", clock: 1) }
        group.store(nil, "k7", clock: 2)
        #expect(text(group.count(at: 3).value) == "49")
        let place = KeyPlace(key: itemKey("x"), partitions: 16)
        let replicas = group.nodes[0].calls.preferenceList(partition: place.partition)
        group.store(nil, "x", clock: 1, on: [replicas[2]])
        #expect(text(group.count(at: 3).value) == "about 49")
        group.store("v", "x", clock: 2)
        #expect(text(group.count(at: 3).value) == "50")
    }

    @Test("A count without one member uses the other replicas and is not exact")
    func oneDead() throws {
        let group = try ReplicaGroup(5, replicas: 3, isPlaced: true)
        for number in 0..<50 { group.store("v", "k\(number)", clock: 1) }
        let held = try #require(group.liveCounts())
        #expect(held.compactMap(\.self).reduce(0, +) == 150)
        group.dead = [1]
        #expect(text(group.count().value) == "about 50")
        var without = held
        without[1] = nil
        #expect(group.liveCounts() == without)
    }

    @Test("If replicas differ, the first replica of the preference list that answers is counted")
    func firstReplica() throws {
        let group = try ReplicaGroup()
        group.store("v", "a", clock: 1, on: [0, 2])
        #expect(text(group.count(at: 1).value) == "about 1")
        group.dead = [0]
        #expect(text(group.count(at: 1).value) == "about 0")
        #expect(group.liveCounts(at: 1) == [nil, 0, 1])
    }

    @Test("Without any replica of some partition the count fails, but live counts per member are returned")
    func lostPartition() throws {
        let group = try ReplicaGroup(3, replicas: 1, isPlaced: true)
        for number in 0..<50 { group.store("v", "k\(number)", clock: 1) }
        let held = try #require(group.liveCounts())
        group.lost = { $0.to == 2 ? .timedOut : nil }
        let why = text(group.count().value)
        #expect(why.hasPrefix("partitionUnavailable(") && why.contains("timed out"), "\(why)")
        #expect(group.liveCounts() == [held[0], held[1], nil])
    }
}
