import Testing

@testable import Cluster

/// A rule for `MemberGroup.loses` that cuts one node off from all others.
private func isolating(_ node: String) -> (String, String) -> Bool {
    { from, to in from == node || to == node }
}

/// Anti-entropy between running members that store no hints, so that only anti-entropy can repair a missed write.
@Suite struct AntiEntropyTests {
    private let group: MemberGroup

    init() throws {
        group = try MemberGroup.bootstrapped()
        for node in group.nodes { node.store.hintBudgetBytes = 0 }
    }

    private func bulkMessages(over milliseconds: UInt64) -> [MemberGroup.Arrived] {
        let before = group.arrived.count
        group.run(milliseconds: milliseconds)
        return group.arrived.dropFirst(before).filter { $0.lane == .bulk }
    }

    private func comparisons(_ node: Int) -> [ClusterEvent.Comparison] {
        group.nodes[node].observer.events.compactMap {
            if case .compared(_, let comparison) = $0 { comparison } else { nil }
        }
    }

    @Test("Members in sync each send one digest every ten seconds, to the other members in turn")
    func idle() {
        for number in 0..<30 { _ = group.write("a", "key-\(number)", at: number % 3) }
        group.run(milliseconds: 15_000)
        let messages = bulkMessages(over: 40_000)
        #expect(messages.count == 12)
        #expect(messages.allSatisfy { $0.bytes.count < 200 })
        let pairs = Set(messages.map { "\($0.from)>\($0.to)" })
        #expect(pairs.count == 6)
        let calls = messages.compactMap { message in
            try? CallBatch(decoding: message.bytes).calls.map(\.operation.summary).joined(separator: ", ")
        }
        #expect(Set(calls) == ["compare"])
    }

    @Test("A member that returns is in sync with the others within 2.5 seconds")
    func didRecover() {
        group.loses = isolating("node-3")
        group.run(milliseconds: 12_000)
        for number in 0..<100 { #expect(group.write("a", "key-\(number)", at: 0)?.version != nil) }
        #expect(group.write(nil, "key-7", at: 0)?.version != nil)
        group.run(milliseconds: 3_000)
        #expect(group.nodes[2].store.state.items.isEmpty)
        group.loses = { _, _ in false }
        let took = group.run(
            until: { group.nodes[2].store.state.items == group.nodes[0].store.state.items }, atMost: 10_000)
        #expect(took.map { $0 <= 2_500 } == true, "\(String(describing: took))")
    }

    @Test("Divergence is reported in rows and age by the member that detects it, and returns to zero")
    func divergence() {
        group.loses = isolating("node-3")
        group.run(milliseconds: 12_000)
        for number in 0..<20 { _ = group.write("a", "key-\(number)", at: 0) }
        group.run(milliseconds: 5_000)
        group.loses = { _, _ in false }
        var seen = 0
        var oldest: UInt64 = 0
        for _ in 0..<100 {
            group.run(milliseconds: 100)
            for node in 0..<3 {
                for status in group.member(node).divergence {
                    seen = max(seen, status.keys)
                    oldest = max(oldest, status.oldestMilliseconds)
                }
            }
        }
        #expect(seen == 20)
        #expect((5_000...10_000).contains(oldest))
        group.run(milliseconds: 40_000)
        for node in 0..<3 {
            #expect(group.member(node).divergence.map(\.keys) == [0, 0])
            #expect(group.member(node).divergence.map(\.oldestMilliseconds) == [0, 0])
        }
    }

    @Test("After a session that found a difference the next one follows after a second instead of ten")
    func again() throws {
        group.run(milliseconds: 5_000)
        let key = RowPlace(table: group.table().id, key: itemKey("k"))
        let version = Version(clock: HybridTimestamp(milliseconds: 1), writeID: 1)
        group.nodes[0].store.state.items[key] = StoredItem(version: version, isTombstone: false, value: [0x61])
        let start = (0..<3).map { comparisons($0).count }
        let finder = { (0..<3).first { comparisons($0).dropFirst(start[$0]).contains { $0.differing > 0 } } }
        _ = group.run(until: { finder() != nil }, atMost: 25_000)
        let node = try #require(finder())
        let count = comparisons(node).count
        group.run(milliseconds: 1_500)
        #expect(comparisons(node).count == count + 1)
        #expect(comparisons(node).last?.differing == 0)
    }

    @Test("Rows are not compared while catalogs differ; gossip brings the catalogs in sync, then rows follow")
    func catalogs() {
        group.loses = isolating("node-3")
        group.run(milliseconds: 12_000)
        let made = Answer<Coordinator.TableAnswer>()
        group.member(0).createTable(tableName("u"), trace: .none) { made.set($0) }
        group.settle()
        group.run(milliseconds: 2_000)
        #expect(made.value == .done)
        _ = group.write("a", at: 0)
        group.run(milliseconds: 3_000)
        group.loses = { _, _ in false }
        group.run(milliseconds: 5_000)
        #expect(group.member(2).catalog.live(tableName("u")) != nil)
        #expect(group.holds() == ["a", "a", "a"])
    }

    @Test("Anti-entropy skips a dead member and continues with the next one")
    func dead() {
        group.stop(2)
        group.run(milliseconds: 12_000)
        let messages = bulkMessages(over: 30_000)
        #expect(Set(messages.map { "\($0.from)>\($0.to)" }) == ["node-1>node-2", "node-2>node-1"])
        #expect(messages.count == 6)
    }
}

@Suite struct AddressChangeTests {
    @Test("Addresses learned by gossip survive a restart after all seeds have changed their addresses")
    func moved() throws {
        let group = try MemberGroup.bootstrapped()
        _ = group.write("a", at: 0)
        for index in [1, 2] {
            try group.restart(index, at: "moved-\(index)")
            group.run(milliseconds: 3_000)
        }
        // The moved node's seeds are the old addresses, and no other member knows its new address.
        try group.restart(0, at: "moved-0")
        group.run(milliseconds: 3_000)
        #expect(group.nodes[0].settings.seeds == ["node-2", "node-3"])
        #expect((0..<3).map { group.member($0).members.map(\.state) } == Array(
            repeating: [.alive, .alive, .alive], count: 3))
        #expect(group.member(1).members.map(\.address) == ["moved-0", "moved-1", "moved-2"])
        #expect(group.read(at: 0) == "a")
    }

    @Test("A whole cluster can be restarted at once with outdated seeds if one member has kept its address")
    func allAtOnce() throws {
        let group = try MemberGroup.bootstrapped()
        group.run(milliseconds: 2_000)
        for index in 0..<3 { group.stop(index) }
        try group.restart(0, at: "moved-0")
        try group.restart(1)
        try group.restart(2, at: "moved-2")
        group.run(milliseconds: 5_000)
        #expect((0..<3).map { group.member($0).members.map(\.address) } == Array(
            repeating: ["moved-0", "node-2", "moved-2"], count: 3))
    }
}
