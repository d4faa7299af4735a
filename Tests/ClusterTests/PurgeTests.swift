import Testing

@testable import Cluster

private func text(_ answer: Coordinator.ReadAnswer?) -> String {
    switch answer {
    case .found(let item): String(decoding: item.value, as: UTF8.self)
    case .noItem: "nothing"
    case .noTable: "no table"
    case .unavailable: "unavailable"
    case nil: "nothing yet"
    }
}

@Suite struct PurgeRoundTests {
    private let group: ReplicaGroup

    init() throws { group = try ReplicaGroup() }

    private func at(_ milliseconds: UInt64) -> HybridTimestamp { HybridTimestamp(milliseconds: milliseconds) }

    @Test("A tombstone on all replicas is purged from all; the mark, younger tombstones and values stay")
    func purges() {
        let other = keys(ofLeaf: 5, partition: KeyPlace(key: ReplicaGroup.key, partitions: 16).partition, count: 2)
        group.plant(nil, clock: 5, on: [0, 1, 2])
        group.plant(nil, other[0], clock: 11, on: [0, 1, 2])
        group.plant("a", other[1], clock: 5, on: [0, 1, 2])
        #expect(group.purge(upTo: 10) == nil)
        #expect(group.values == ["-", "-", "-"])
        #expect(group.values(of: other[0]) == ["x", "x", "x"])
        #expect(group.values(of: other[1]) == ["a", "a", "a"])
        let mark = PurgeMark(promised: at(10), purged: at(10))
        #expect(members(3).map { group.mark($0) } == [mark, mark, mark])
    }

    @Test("[A live row that one replica missed counts as deleted] Live rows are compared too; nothing is purged")
    func liveRow() {
        group.plant("a", clock: 5, on: [0, 1])
        #expect(group.purge(upTo: 10) == "node-2: lacks a row that another replica holds")
        #expect(group.values == ["a", "a", "-"])
        #expect(members(3).map { group.mark($0).purged } == [.never, .never, .never])
        // Anti-entropy copies the live row to the replica that missed it; after that the purge of the partition
        // succeeds.
        _ = group.compare(2, with: 0)
        #expect(group.purge(upTo: 10) == nil)
        #expect(group.values == ["a", "a", "a"])
    }

    @Test("A tombstone that one replica missed is not purged from the others, and the old value stays hidden")
    func missedTombstone() {
        group.plant("a", clock: 4, on: [0, 1, 2])
        group.plant(nil, clock: 5, on: [0, 1])
        #expect(group.purge(upTo: 10) == "node-2: lacks a row that another replica holds")
        #expect(group.values == ["x", "x", "a"])
        #expect(text(group.get(at: 2).value) == "nothing")
    }

    @Test("A replica with a newer version than the tombstone does not block the purge")
    func newer() {
        group.plant(nil, clock: 5, on: [0, 1])
        group.plant("b", clock: 20, on: [2])
        #expect(group.purge(upTo: 10) == nil)
        #expect(group.values == ["-", "-", "b"])
    }

    @Test("Leaves equal on all replicas are not listed, and concurrent writes to a leaf do not block a purge")
    func equalLeaves() {
        let leaf = keys(ofLeaf: 5, partition: KeyPlace(key: ReplicaGroup.key, partitions: 16).partition, count: 1)
        group.plant(nil, clock: 5, on: [0, 1, 2])
        #expect(group.purge(upTo: 10) == nil)
        #expect(!group.transcript.contains { $0.contains("list") })
        // A write with a clock above the purge mark has reached only one of the three replicas so far.
        group.plant("b", leaf[0], clock: 30, on: [0])
        group.plant(nil, clock: 25, on: [0, 1, 2])
        #expect(group.purge(upTo: 28) == nil)
        #expect(group.transcript.count { $0.contains("list") } == 3)
    }

    @Test("Long leaves are listed page by page")
    func longLeaf() {
        let many = keys(ofLeaf: 5, count: 1_100)
        for key in many { group.plant(nil, key, clock: 5, on: [0, 1, 2]) }
        group.plant("b", keys(ofLeaf: 5, count: 1_101)[1_100], clock: 30, on: [1])
        #expect(group.purge(upTo: 10, of: many[0]) == nil)
        #expect(group.transcript.count { $0.contains("list next page") } == 3)
        #expect(group.nodes.map { $0.store.state.items.count } == [0, 1, 0])
    }

    @Test("A replica that fails to promise, to list or to answer stops the purge on all replicas", arguments: [
        "promise", "leaves", "list", "purge",
    ])
    func stops(which: String) {
        group.plant("b", clock: 30, on: [1])
        let partition = KeyPlace(key: ReplicaGroup.key, partitions: 16).partition
        group.plant(nil, keys(ofLeaf: 5, partition: partition, count: 1)[0], clock: 5, on: [0, 1, 2])
        group.lost = { $0.to == 2 && $0.call.operation.summary.hasPrefix(which) ? .timedOut : nil }
        #expect(group.purge(upTo: 10) == "node-2: timed out")
        #expect(group.mark(2).purged == .never)
        let purged = members(2).map { group.mark($0).purged }
        #expect(purged == (which == "purge" ? [at(10), at(10)] : [.never, .never]))
        // The purge round that failed leaves a consistent state, and another round completes the purge.
        group.lost = { _ in nil }
        #expect(group.purge(upTo: 10) == nil)
        #expect(members(3).map { group.mark($0).purged } == [at(10), at(10), at(10)])
    }

    @Test("A replica that does not vote does not take part in a purge")
    func recovering() {
        group.plant(nil, clock: 5, on: [0, 1, 2])
        group.unconfirmed = [2]
        #expect(group.purge(upTo: 10) != nil)
        #expect(group.values == ["x", "x", "x"])
    }

    @Test("A replica rejects a purge that it has not promised")
    func unpromised() throws {
        group.plant(nil, clock: 5, on: [0])
        let partition = group.nodes[0].store.partition(of: ReplicaGroup.key)
        var answers: [PeerAnswer] = []
        let call = PeerCall(.purge(partition: partition, at(10)), remainingMilliseconds: 1, trace: .none)
        group.nodes[0].replica.answer(call, of: 1) { answers.append($0) }
        group.settle()
        #expect(answers == [.refused("this purge mark was not promised here")])
        #expect(group.values[0] == "x")
    }

    @Test("Calls for a partition that does not exist are rejected", arguments: [16, 65_535] as [PartitionID])
    func missingPartitions(partition: PartitionID) {
        let operations: [PeerCall.Operation] = [
            .leaves([0, partition]), .list(LeafRequest(KeyPlace(partition: partition, leaf: 0), limit: 1)),
            .promise(partition: partition, at(10)), .purge(partition: partition, at(10)),
        ]
        for operation in operations {
            var answers: [PeerAnswer] = []
            let call = PeerCall(operation, remainingMilliseconds: 1, trace: .none)
            group.nodes[0].replica.answer(call, of: 1) { answers.append($0) }
            group.settle()
            let isRefused = if case .refused = answers.first { true } else { false }
            #expect(isRefused, "\(operation)")
        }
    }
}

/// Late writes and reads of a key after its tombstone was purged from all replicas.
@Suite struct AfterPurgeTests {
    private let group: ReplicaGroup

    init() throws {
        group = try ReplicaGroup()
        group.plant(nil, clock: 5, on: [0, 1, 2])
        try #require(group.purge(upTo: 10) == nil)
    }

    private func put(clock: UInt64, writeID: UInt64 = 1, to node: Int, isRepair: Bool = false) -> PeerAnswer? {
        let version = Version(clock: HybridTimestamp(milliseconds: clock), writeID: writeID)
        let item = StoredItem(version: version, isTombstone: false, value: [0x61])
        let operation: PeerCall.Operation = isRepair
            ? .repair(ReplicaGroup.table, ReplicaGroup.key, item) : .put(ReplicaGroup.table, ReplicaGroup.key, item)
        var answer: PeerAnswer?
        group.nodes[node].replica.answer(
            PeerCall(operation, remainingMilliseconds: 1, trace: .none), of: 1
        ) { answer = $0 }
        group.settle()
        return answer
    }

    @Test("[A coordinator frozen longer than gc-grace brings a deleted item back] Its late write is expired")
    func frozen() {
        #expect((0..<3).map { put(clock: 4, to: $0) } == [.expired, .expired, .expired])
        #expect(group.values == ["-", "-", "-"])
        #expect(put(clock: 11, to: 0) == .stored)
    }

    @Test("[A coordinator frozen longer than gc-grace brings a deleted item back] Its client gets an unknown outcome")
    func frozenCoordinator() throws {
        let group = try ReplicaGroup()
        group.plant("a", clock: 1, on: [0, 1, 2])
        group.held = { $0.isWrite && $0.from == 0 }
        let late = group.put("late", at: 0)
        // While node 0 is frozen, the item is deleted and its tombstone is purged from all replicas.
        let now = group.nodes[1].clock.wallMilliseconds
        group.nodes[1].clock.wallMilliseconds += 1_000
        let deleted = try #require(group.delete(at: 1).value?.version)
        #expect(group.purge(upTo: deleted.clock.milliseconds + 1, ledBy: 1) == nil)
        #expect(deleted.clock.milliseconds > now)
        group.release()
        guard case .unavailable(let refused)? = late.value else { return _ = Issue.record("acknowledged") }
        #expect((refused.acks, refused.outcome) == (0, .unknown))
        #expect(group.values == ["-", "-", "-"])
        #expect(text(group.get(at: 1).value) == "nothing")
        #expect(group.nodes[0].store.state.hints.isEmpty, "no replica stored the write, so no hint is stored")
    }

    @Test("[A hint of a node whose clock was set back brings a deleted item back] Its target rejects the hint")
    func oldHint() {
        let version = Version(clock: HybridTimestamp(milliseconds: 4), writeID: 1)
        group.nodes[0].handoff.keep(
            StoredItem(version: version, isTombstone: false, value: [0x61]), of: group.replicas(at: 0), for: 2,
            missedBecause: .failure, trace: .none)
        group.settle()
        for _ in 0..<3 {
            group.advance(1_000)
            group.nodes[0].handoff.tick()
            group.settle()
        }
        #expect(group.transcript.contains("0>2 put k: the call expired"))
        #expect(group.values == ["-", "-", "-"])
        #expect(group.nodes[0].store.hintTotals[2]?.delivered == 0)
    }

    @Test("A repair of an absent key up to the purge mark is superseded; one above it is stored")
    func repairs() {
        let mark = HybridTimestamp(milliseconds: 10)
        #expect(put(clock: 4, to: 0, isRepair: true) == .superseded(by: .deleted(at: mark)))
        #expect(group.values[0] == "-")
        #expect(put(clock: 11, to: 0, isRepair: true) == .stored)
    }

    @Test("An absent key is answered as deleted at the purge mark, with the mark as the floor for new versions")
    func absent() {
        var answers: [PeerAnswer] = []
        for operation: PeerCall.Operation in [
            .version(ReplicaGroup.table, ReplicaGroup.key), .get(ReplicaGroup.table, ReplicaGroup.key),
        ] {
            group.nodes[0].replica.answer(
                PeerCall(operation, remainingMilliseconds: 1, trace: .none), of: 1
            ) { answers.append($0) }
        }
        group.settle()
        let mark = HybridTimestamp(milliseconds: 10)
        let tombstone = StoredItem(tombstone: .deleted(at: mark))
        #expect(answers == [.version(HeldVersion(tombstone), floor: mark), .item(tombstone)])
    }

    @Test("A purged key reads as absent, agrees with a tombstone up to the mark, and causes no write-back")
    func readsAsNothing() throws {
        let group = try ReplicaGroup()
        group.plant(nil, clock: 5, on: [0, 1, 2])
        // Nodes 0 and 1 have purged the tombstone, node 2 has not.
        group.lost = { $0.to == 2 && $0.call.operation.summary == "purge" ? .timedOut : nil }
        #expect(group.purge(upTo: 10) != nil)
        #expect(group.values == ["-", "-", "x"])
        for node in members(3) {
            #expect(text(group.get(at: node).value) == "nothing")
            #expect(text(group.get(at: node, .eventual).value) == "nothing")
            #expect(group.delete(at: node).value == .noItem)
        }
        #expect(!group.transcript.contains { $0.contains("put") || $0.contains("delete") })
    }

    @Test("New versions exceed the mark and the promise, even if the coordinator's clock is far behind", arguments: [
        Consistency.strong, .eventual,
    ])
    func newVersions(consistency: Consistency) throws {
        let group = try ReplicaGroup()
        let now = group.nodes[0].clock.wallMilliseconds
        group.plant(nil, clock: now - 1_000, on: [0, 1, 2])
        #expect(group.purge(upTo: now) == nil)
        for node in group.nodes { node.clock.wallMilliseconds -= 60_000 }
        let version = try #require(group.put("a", at: 0, consistency).value?.version)
        #expect(version.clock > HybridTimestamp(milliseconds: now))
        #expect(group.values == ["a", "a", "a"])
    }

    @Test("A promise is a floor for new versions, also for a coordinator without a replica", arguments: [
        Consistency.strong, .eventual,
    ])
    func floor(consistency: Consistency) throws {
        let group = try ReplicaGroup(4, replicas: 3)
        let now = group.nodes[0].clock.wallMilliseconds
        group.lost = { $0.call.operation.summary.hasPrefix("leaves") ? .timedOut : nil }
        #expect(group.purge(upTo: now + 5_000) != nil)
        let version = try #require(group.put("a", at: 3, consistency).value?.version)
        #expect(version.clock > HybridTimestamp(milliseconds: now + 5_000))
        #expect(group.values == ["a", "a", "a", "-"])
    }
}
