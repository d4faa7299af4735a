import Testing

@testable import Cluster

@Suite struct AntiEntropySessionTests {
    private let group: ReplicaGroup

    init() throws { group = try ReplicaGroup() }

    @Test("A session between replicas in sync sends one digest, whatever they hold")
    func equal() throws {
        for (number, key) in keys(ofLeaf: 3, count: 50).enumerated() {
            group.plant(number % 3 == 0 ? nil : "a", key, clock: 5, on: [0, 1])
        }
        let outcome = try #require(group.compare(0, with: 1))
        #expect(group.transcript == ["0>1 compare: equal"])
        #expect(outcome.inSync.count == 16 && outcome.differing == 0 && !outcome.isPartial)
    }

    @Test("The digest and its answer take less than 350 bytes on the wire")
    func digestBytes() {
        let envelope = Envelope(
            clusterID: ClusterID(high: 1, low: 1), recordHash: 1, sender: "node-1", target: "node-2",
            storeID: StoreID(high: 1, low: 1), bootNonce: 1)
        let call = PeerCall(.compare(TreeDigest(roots: 1, catalog: 1)), remainingMilliseconds: 2_000, trace: .none)
        let asked = CallBatch(envelope, calls: [call]).encoded.count
        let answered = AnswerBatch(envelope, answers: [.roots(nil)]).encoded.count
        #expect(asked + answered < 350, "\(asked) and \(answered)")
    }

    @Test("A differing row costs a digest, the leaves of its partition, one list and the item, whichever side lacks it")
    func oneRow() throws {
        let shared = keys(ofLeaf: 3, count: 3)
        for key in shared { group.plant("a", key, clock: 5, on: [0, 1, 2]) }
        group.plant("b", shared[1], clock: 6, on: [1])
        group.plant("c", shared[2], clock: 7, on: [0])
        #expect(group.compare(0, with: 1)?.pulled == 1)
        #expect(group.transcript.sorted() == [
            "0>1 compare: 16 roots", "0>1 get \(text(shared[1])): an item", "0>1 leaves of one partition: leaves",
            "0>1 list: 3 rows", "0>1 repair \(text(shared[2])) with a value: stored",
        ])
        #expect(shared.map(group.values) == [["a", "a", "a"], ["b", "b", "a"], ["c", "c", "a"]])
        #expect(group.compare(0, with: 1)?.differing == 0)
        #expect(group.transcript.last == "0>1 compare: equal")
    }

    @Test("A tombstone is pulled with the list and pushed as a repair; no older value replaces it")
    func tombstones() throws {
        let shared = keys(ofLeaf: 3, count: 2)
        for key in shared { group.plant("a", key, clock: 5, on: [0, 1]) }
        group.plant(nil, shared[0], clock: 6, on: [1])
        group.plant(nil, shared[1], clock: 6, on: [0])
        let outcome = try #require(group.compare(0, with: 1))
        #expect((outcome.pulled, outcome.pushed, outcome.differing) == (1, 1, 2))
        #expect(shared.map { group.values(of: $0).prefix(2) } == [["x", "x"], ["x", "x"]])
        #expect(!group.transcript.contains { $0.contains("get") })
    }

    @Test("Of two values with one version both replicas end with the same one", arguments: [
        [0, 1], [1, 0],
    ] as [[MemberIndex]])
    func conflict(order: [MemberIndex]) throws {
        group.plant("a", clock: 5, on: [order[0]])
        group.plant("b", clock: 5, on: [order[1]])
        _ = group.compare(0, with: 1)
        #expect(Set(group.values.prefix(2)).count == 1)
        #expect(group.compare(0, with: 1)?.differing == 0)
    }

    @Test("A session skips rows written locally in the last two seconds, and repairs them later")
    func recent() throws {
        group.held = { $0.to == 1 }
        _ = group.put("a", at: 0)
        group.lost = { $0.to == 1 ? .timedOut : nil }
        group.release()
        group.lost = { _ in nil }
        group.advance(1_999)
        let early = try #require(group.compare(0, with: 1))
        #expect((early.differing, early.pushed) == (0, 0))
        group.advance(1)
        let late = try #require(group.compare(0, with: 1))
        #expect((late.differing, late.pushed) == (1, 1))
        #expect(group.values == ["a", "a", "a"])
    }

    @Test("A recovering node pulls recently written rows, too")
    func takesAll() throws {
        _ = group.put("a", at: 0)
        group.nodes[0].store.state.items = [:]
        #expect(group.compare(0, with: 1, takesAll: true)?.pulled == 1)
        #expect(group.values[0] == "a")
    }

    @Test("Lists longer than a page are compared page by page", arguments: [
        (600, 600), (1_100, 10), (10, 1_100), (512, 512), (513, 512), (1_024, 1_025),
    ])
    func pages(ours: Int, theirs: Int) throws {
        let all = keys(ofLeaf: 3, count: max(ours, theirs))
        // Node 0 lacks one row of the leaf and node 1 another row far from it, if their row lists are long enough.
        for key in all.prefix(ours) where key != all[7] { group.plant("a", key, clock: 5, on: [0]) }
        for key in all.suffix(theirs) where key != all[all.count - 8] { group.plant("a", key, clock: 5, on: [1]) }
        let held = group.nodes.map { $0.store.state.items }
        let outcome = try #require(group.compare(0, with: 1))
        #expect(!outcome.isPartial && outcome.failure == nil)
        #expect(group.nodes[0].store.state.items == group.nodes[1].store.state.items)
        #expect(group.nodes[0].store.state.items == held[0].merging(held[1]) { $1 })
        #expect(group.compare(0, with: 1)?.differing == 0)
    }

    @Test("A differing row next to a page boundary is found", arguments: [0, 1, 510, 511, 512, 513, 1_023, 1_024])
    func borders(index: Int) throws {
        let all = keys(ofLeaf: 3, count: 1_030).sorted()
        for key in all { group.plant("a", key, clock: 5, on: [0, 1]) }
        group.plant("b", all[index], clock: 6, on: [1])
        #expect(group.compare(0, with: 1)?.pulled == 1)
        let item = try #require(group.nodes[0].store.item(ReplicaGroup.table.id, all[index]))
        #expect(item.value == Array("b".utf8))
    }

    @Test("A session between replicas with different catalogs ends after the digest")
    func catalogs() throws {
        group.plant("a", clock: 5, on: [0])
        let other = TableState(name: tableName("u"), generation: 1, isDeleted: false, createdAtMilliseconds: 0)
        group.nodes[1].catalog.merge(other)
        let outcome = try #require(group.compare(0, with: 1))
        #expect(outcome.failure == "the table catalogs differ" && outcome.isPartial && outcome.inSync.isEmpty)
        #expect(group.transcript == ["0>1 compare: the table catalogs differ"])
    }

    @Test("Rows of a table that is deleted during the session are neither repaired nor counted as a difference")
    func tableDeleted() throws {
        for key in keys(ofLeaf: 3, count: 40) { group.plant("a", key, clock: 5, on: [1]) }
        group.held = { if case .list = $0.call.operation { true } else { false } }
        let outcome = group.beginSession(0, with: 1)
        group.settle()
        let old = ReplicaGroup.table
        let gone = TableState(name: old.name, generation: 1, isDeleted: true, createdAtMilliseconds: 0)
        group.nodes[0].catalog.merge(gone)
        group.release()
        #expect(outcome.value?.pulled == 0)
        #expect(group.nodes[0].store.state.items.isEmpty)
    }

    @Test("A call without an answer makes the outcome partial, and the other rows are still repaired", arguments: [
        "compare", "leaves", "list", "get",
    ])
    func failures(which: String) throws {
        let all = keys(ofLeaf: 3, count: 2) + keys(ofLeaf: 9, partition: 2, count: 2)
        for key in all { group.plant("a", key, clock: 5, on: [1]) }
        var isFirst = true
        group.lost = { message in
            guard message.call.operation.summary.hasPrefix(which), isFirst else { return nil }
            isFirst = false
            return .timedOut
        }
        let outcome = try #require(group.compare(0, with: 1))
        #expect(outcome.isPartial)
        let held = group.nodes[0].store.state.items.count
        #expect(held == ["compare": 0, "leaves": 0, "list": 2, "get": 3][which])
        #expect(outcome.inSync[7] == nil || outcome.inSync[2] == nil)
        group.lost = { _ in nil }
        #expect(group.compare(0, with: 1)?.isPartial == false)
        #expect(group.nodes[0].store.state.items.count == 4)
    }

    @Test("A session fails when the peer answers for other partitions than requested")
    func otherPartitions() throws {
        let group = try ReplicaGroup(4, replicas: 3, isPlaced: true)
        group.plant("a", clock: 5, on: [0])
        let own = group.nodes[0]
        own.policy.shared = (0..<16).map { PartitionID($0) }
        let answer = Answer<AntiEntropySession.Outcome>()
        let session = AntiEntropySession(
            with: 1, replica: own.replica, calls: own.calls, dependencies: own.dependencies,
            mode: .compare(isBusy: { false })
        ) { answer.set($0) }
        session.start()
        group.settle()
        #expect(answer.value?.failure == "the peer returned 10 roots, and the replicas share 16 partitions")
    }

    @Test("The age of the oldest difference is measured by the local clock")
    func age() throws {
        let now = group.nodes[0].clock.wallMilliseconds
        group.plant("a", clock: now - 5_000, on: [1])
        group.plant("a", itemKey("other"), clock: now - 9_000, on: [0])
        #expect(group.compare(0, with: 1)?.oldestMilliseconds == 9_000)
        #expect(group.compare(0, with: 1)?.oldestMilliseconds == 0)
    }

    private func text(_ key: ItemKey) -> String { String(decoding: key.bytes, as: UTF8.self) }
}

@Suite struct AntiEntropySessionPurgeTests {
    private let group: ReplicaGroup
    private let place = KeyPlace(key: ReplicaGroup.key, partitions: 16)

    init() throws { group = try ReplicaGroup() }

    private func mark(_ node: Int, promised: UInt64, purged: UInt64) {
        group.nodes[node].store.state.marks[place.partition] = PurgeMark(
            promised: HybridTimestamp(milliseconds: promised), purged: HybridTimestamp(milliseconds: purged))
    }

    @Test("A replica with a lower purge mark purges up to the peer's mark first, and then both are in sync")
    func spreads() throws {
        group.plant(nil, clock: 5, on: [0])
        mark(0, promised: 9, purged: 0)
        mark(1, promised: 9, purged: 9)
        _ = group.compare(0, with: 1)
        #expect(group.values[0] == "-")
        #expect(group.mark(0) == group.mark(1))
        #expect(group.transcript.map { $0.dropFirst(4) } == ["compare: 16 roots", "leaves of one partition: leaves"])
        #expect(group.compare(0, with: 1)?.inSync.count == 16)
    }

    @Test("A replica with a higher purge mark changes nothing; the peer drops its rows in a session of its own")
    func ahead() throws {
        group.plant(nil, clock: 5, on: [1])
        mark(0, promised: 9, purged: 9)
        mark(1, promised: 9, purged: 0)
        _ = group.compare(0, with: 1)
        #expect(group.values.prefix(2) == ["-", "x"])
        _ = group.compare(1, with: 0)
        #expect(group.values.prefix(2) == ["-", "-"])
    }

    @Test("A value up to the peer's mark that the peer lacks was deleted there: it is dropped")
    func drops() throws {
        group.plant("old", clock: 5, on: [0])
        mark(0, promised: 9, purged: 0)
        mark(1, promised: 9, purged: 9)
        let outcome = try #require(group.compare(0, with: 1))
        #expect((outcome.dropped, outcome.pushed) == (1, 0))
        #expect(group.values == ["-", "-", "-"])
    }

    @Test("A row newer than the purge mark is pushed")
    func newer() throws {
        group.plant("new", clock: 10, on: [0])
        mark(0, promised: 9, purged: 0)
        mark(1, promised: 9, purged: 9)
        #expect(group.compare(0, with: 1)?.pushed == 1)
        #expect(group.values == ["new", "new", "-"])
    }

    @Test("A purge mark that was never promised here is not adopted, and no row is changed")
    func unpromised() throws {
        group.plant("old", clock: 5, on: [0])
        mark(1, promised: 9, purged: 9)
        let outcome = try #require(group.compare(0, with: 1))
        #expect(outcome.isPartial)
        #expect(group.values[0] == "old")
        #expect(group.mark(0) == PurgeMark())
    }

    @Test("A row that a recovering peer lacks does not count as deleted, whatever mark the peer has")
    func recoveringPeer() throws {
        group.plant("old", clock: 5, on: [0])
        mark(0, promised: 9, purged: 0)
        mark(1, promised: 9, purged: 9)
        group.recovering = [1]
        let outcome = try #require(group.compare(0, with: 1))
        #expect(outcome.dropped == 0)
        #expect(group.values[0] == "old")
    }

    @Test("A recovering node drops rows that the peer has purged, and adopts the mark only at the end")
    func recoveringNode() throws {
        group.plant("old", clock: 5, on: [0])
        group.plant("new", itemKey("other"), clock: 20, on: [1])
        mark(1, promised: 9, purged: 9)
        let outcome = try #require(group.compare(0, with: 1, takesAll: true))
        #expect((outcome.dropped, outcome.pulled) == (1, 1))
        #expect(group.values == ["-", "-", "-"])
        #expect(group.mark(0).purged == .never)
        #expect(outcome.inSync[place.partition] == HybridTimestamp(milliseconds: 9))
    }

    @Test("A recovering node does not recover from a peer that does not vote", arguments: [true, false])
    func unconfirmedPeer(isEmpty: Bool) throws {
        if !isEmpty { group.plant("a", clock: 5, on: [0]) }
        // The peer has just started, perhaps on a rolled back disk, and no other member has confirmed it.
        group.unconfirmed = [1]
        let outcome = try #require(group.compare(0, with: 1, takesAll: true))
        #expect(outcome.inSync.isEmpty)
        #expect(outcome.isPartial)
    }
}
