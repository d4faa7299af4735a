import Testing

@testable import Cluster

private func cut(_ one: String, _ other: String) -> (String, String) -> Bool {
    { from, to in (from, to) == (one, other) || (from, to) == (other, one) }
}

@Suite struct LostDiskTests {
    @Test("[A and B ack; A's disk is replaced; A and C agree \"absent\"] A does not vote, so they agree on nothing")
    func replaced() throws {
        let group = try MemberGroup.formed()
        group.loses = cut("node-1", "node-3")
        let version = try #require(group.write("a", at: 0)?.version)
        #expect(group.holds() == ["a", "a", "-"])
        group.stop(1)
        try group.replaceDisk(0)
        group.loses = { _, _ in false }
        group.run(milliseconds: 30_000)
        #expect(group.recovering == [true, false, false])
        #expect(group.member(0).record != nil)
        #expect(group.read(at: 2) == "unavailable")
        #expect(group.read(at: 2, .eventual) == "nothing", "eventual reads promise no more")
        // With B back there are two that hold between them all that was acknowledged.
        try group.restart(1)
        group.run(milliseconds: 30_000)
        #expect(group.recovering == [false, false, false])
        #expect((0..<3).map { group.read(at: $0) } == ["a", "a", "a"])
        #expect(group.nodes[0].store.state.items.values.map(\.version) == [version])
        #expect(group.nodes[0].observer.events.contains(.recovered))
    }

    @Test("A recovering member answers reads with recovering, stores writes, and its acks count")
    func recovering() throws {
        let group = try MemberGroup.formed()
        #expect(group.write("a", at: 1)?.version != nil)
        try group.replaceDisk(0)
        group.run(milliseconds: 3_000)
        #expect(group.member(0).isRecovering)
        let replica = try #require(group.member(0).active?.replica)
        var answers: [PeerAnswer] = []
        for operation: PeerCall.Operation in [
            .version(group.table(1), itemKey("k")), .get(group.table(1), itemKey("k")), .sums(group.table(1)),
            .page(PageRequest(table: group.table(1))),
        ] {
            replica.answer(PeerCall(operation, remainingMilliseconds: 1, trace: .none), of: 1) { answers.append($0) }
        }
        group.settle()
        #expect(answers == [.recovering, .recovering, .recovering, .recovering])
        group.loses = cut("node-2", "node-3")
        #expect(group.write("b", at: 1, .eventual)?.version != nil)
        #expect(group.holds() == ["b", "b", "a"])
    }

    @Test("Before it has the catalogs of enough others it takes no put and knows of no table")
    func catalogFirst() throws {
        let group = try MemberGroup.formed()
        group.stop(1)
        try group.replaceDisk(0)
        group.run(milliseconds: 25_000)
        let explanation = group.member(0).recovery?.explanation
        #expect(explanation == "too few intact members answer: the catalogs of 2 are needed")
        guard case .unavailable(let refused) = group.write("a", at: 2) else { return _ = Issue.record("no answer") }
        #expect((refused.acks, refused.required) == (0, 2))
        #expect(group.holds()[0] == "-")
        try group.restart(1)
        group.run(milliseconds: 2_000)
        #expect(group.member(0).isRecovering)
        #expect(group.write("a", at: 2)?.version != nil)
        #expect(group.holds() == ["a", "a", "a"])
    }

    @Test("Then it waits as long as an operation may last that counted what the old store said")
    func waits() throws {
        let group = try MemberGroup.formed()
        try group.replaceDisk(0)
        let waiting = "waiting for operations that began before the disk was lost"
        let began = group.run(until: { group.member(0).recovery?.explanation == waiting }, atMost: 10_000)
        try #require(began != nil)
        let took = try #require(group.run(until: { !group.member(0).isRecovering }, atMost: 30_000))
        let settings = group.nodes[0].settings
        #expect(took >= settings.operationTimeoutMilliseconds)
        #expect(took < settings.operationTimeoutMilliseconds + settings.replicaTimeoutMilliseconds + 2_000)
    }

    @Test("That it is whole is remembered over a restart, though its store is not the one of the record")
    func remembered() throws {
        let group = try MemberGroup.formed()
        _ = group.write("a", at: 1)
        try group.replaceDisk(0)
        group.run(milliseconds: 20_000)
        #expect(!group.member(0).isRecovering)
        try group.restart(0)
        #expect(!group.member(0).isRecovering)
        group.run(milliseconds: 2_000)
        #expect(group.recovering == [false, false, false])
        group.stop(1)
        #expect(group.read(at: 0) == "a")
    }

    @Test("A restart in the midst of it begins it anew")
    func restartedMidst() throws {
        let group = try MemberGroup.formed()
        try group.replaceDisk(0)
        group.run(milliseconds: 5_000)
        try group.restart(0)
        #expect(group.member(0).isRecovering)
        group.run(milliseconds: 3_000)
        #expect(group.member(0).isRecovering)
        group.run(milliseconds: 20_000)
        #expect(!group.member(0).isRecovering)
    }

    @Test("With one other of three it stays recovering, whatever time passes; who accepts the loss ends it")
    func acceptsLoss() throws {
        let group = try MemberGroup.formed()
        #expect(!group.member(0).acceptDataLoss(), "it is whole")
        group.stop(1)
        try group.replaceDisk(0)
        group.run(milliseconds: 60_000)
        #expect(group.recovering[0])
        #expect(group.read(at: 0) == "unavailable")
        #expect(group.member(0).acceptDataLoss())
        group.settle()
        #expect(!group.member(0).isRecovering)
        group.run(milliseconds: 2_000)
        #expect(group.write("b", at: 0)?.version != nil)
        #expect(group.read(at: 2) == "b")
        try group.restart(0)
        #expect(!group.member(0).isRecovering, "durably")
    }

    @Test("Where a key has one replica there is no other to learn from")
    func oneReplica() throws {
        let group = try MemberGroup.formed { $0.replicas = 1 }
        try group.replaceDisk(0)
        group.run(milliseconds: 60_000)
        #expect(group.member(0).recovery?.explanation == "there is no other replica to learn from")
        #expect(group.member(0).acceptDataLoss())
        group.settle()
        #expect(!group.member(0).isRecovering)
    }

    @Test("Two that lost their disks do not make each other whole")
    func twoLost() throws {
        let group = try MemberGroup.formed()
        _ = group.write("a", at: 2)
        group.stop(1)
        try group.replaceDisk(0, by: 77)
        var state = MemoryReplica.State()
        state.storeID = StoreID(high: 9, low: 78)
        try group.restart(1, on: state)
        group.run(milliseconds: 60_000)
        #expect(group.recovering == [true, true, false])
        #expect(group.read(at: 2) == "unavailable")
        #expect(group.read(at: 2, .eventual) == "a")
    }

    @Test("With five members and three replicas each, what is shared with the lost one is learnt from both others")
    func placed() throws {
        let group = try MemberGroup.formed(5)
        for number in 0..<40 { #expect(group.write("v\(number)", "key-\(number)", at: 1)?.version != nil) }
        let before = group.nodes[0].store.state.items
        try group.replaceDisk(0)
        group.run(milliseconds: 30_000)
        #expect(!group.member(0).isRecovering)
        #expect(!before.isEmpty)
        #expect(group.nodes[0].store.state.items == before)
    }

    @Test("A member that answers gossip and cannot be compared with keeps none from learning from the others")
    func oneCannotTell() throws {
        let group = try MemberGroup.formed(5) { $0.replicas = 5 }
        for number in 0..<20 { #expect(group.write("a", "key-\(number)", at: 1)?.version != nil) }
        group.losesMessage = { to, bytes in
            guard to == "node-2", let batch = try? CallBatch(decoding: bytes) else { return false }
            return batch.calls.contains { if case .compare = $0.operation { true } else { false } }
        }
        try group.replaceDisk(0)
        group.run(milliseconds: 60_000)
        #expect(!group.member(0).isRecovering)
        #expect(group.nodes[0].store.state.items == group.nodes[2].store.state.items)
    }

    @Test("It takes over the purge marks of the others, so that what they deleted stays deleted")
    func adoptsMarks() throws {
        let group = try MemberGroup.formed()
        _ = group.write("a", at: 1)
        _ = group.write(nil, at: 1)
        group.run(milliseconds: 90_000)
        #expect(group.holds() == ["-", "-", "-"])
        try group.replaceDisk(0)
        group.run(milliseconds: 30_000)
        #expect(!group.member(0).isRecovering)
        let marks = group.nodes.map { node in node.store.state.marks.mapValues(\.purged) }
        #expect(marks[0] == marks[1].filter { $0.value.rawValue > 0 } && !marks[0].isEmpty)
    }

    @Test("Old tombstones are not purged while a replica recovers, and the reason is told")
    func noPurge() throws {
        let group = try MemberGroup.formed { $0.replicas = 3 }
        _ = group.write("a", at: 1)
        _ = group.write(nil, at: 1)
        group.stop(1)
        try group.replaceDisk(0)
        try group.restart(1)
        // The one that recovers never gets both others at once.
        group.loses = cut("node-1", "node-2")
        group.run(milliseconds: 100_000)
        #expect(group.recovering[0])
        #expect(group.holds().filter { $0 == "x" }.count >= 2)
        let reasons = Set(group.nodes.dropFirst().flatMap { $0.member?.blockedPurges.values.map(\.self) ?? [] })
        #expect(reasons.isSubset(of: [
            "node-1 is recovering from the loss of its disk", "node-1 is dead",
        ]) && !reasons.isEmpty)
    }
}

@Suite struct RolledBackDiskTests {
    @Test("A disk that went back is told so, goes on as a new store, and is whole with what it lost", arguments: [
        "counter", "sequence",
    ])
    func rolledBack(by what: String) throws {
        let group = try MemberGroup.formed()
        _ = group.write("a", at: 0)
        group.run(milliseconds: 1_000)
        var state = group.nodes[0].store.state
        group.loses = cut("node-1", "node-3")
        _ = group.write("b", at: 0)
        #expect(group.holds() == ["b", "b", "a"])
        group.run(milliseconds: 2_000)
        group.stop(0)
        group.run(milliseconds: 6_000)
        group.loses = { _, _ in false }
        // The boot counter is synced before anything is served: it goes back with the whole disk, or not at all.
        if what == "counter" { state.bootCounter -= 1 }
        try group.restart(0, on: state)
        #expect(!group.member(0).isRecovering, "nobody has told it")
        #expect(group.member(0).isUnconfirmed)
        group.run(milliseconds: 3_000)
        #expect(group.member(0).isRecovering)
        #expect(group.nodes[0].store.state.storeID != state.storeID)
        #expect(group.nodes[0].observer.events.contains { if case .storeReplaced = $0 { true } else { false } })
        group.run(milliseconds: 30_000)
        #expect(group.recovering == [false, false, false])
        #expect((0..<3).map { group.read(at: $0) } == ["b", "b", "b"])
        try group.restart(0)
        group.run(milliseconds: 3_000)
        #expect(!group.member(0).isRecovering && !group.member(0).isUnconfirmed)
    }

    @Test("[A and B ack; A's disk goes back in time; A and C agree on what was before] Not before another has spoken")
    func beforeItIsTold() throws {
        let group = try MemberGroup.formed()
        let state = group.nodes[0].store.state
        group.loses = cut("node-1", "node-3")
        _ = group.write("b", at: 0)
        group.run(milliseconds: 2_000)
        group.stop(0)
        group.stop(1)
        group.run(milliseconds: 6_000)
        try group.restart(0, on: state)
        group.loses = { _, _ in false }
        // Its first words reach C together with the question.
        #expect(group.read(at: 2) == "unavailable")
        #expect(group.read(at: 0) == "unavailable")
        group.run(milliseconds: 30_000)
        #expect(group.read(at: 2) == "unavailable")
        try group.restart(1)
        group.run(milliseconds: 40_000)
        #expect((0..<3).map { group.read(at: $0) } == ["b", "b", "b"])
    }

    @Test("What a disk lost is not hidden by what was written to it before it was asked for its past")
    func overgrown() throws {
        let group = try MemberGroup.formed()
        _ = group.write("a", at: 0)
        group.run(milliseconds: 1_000)
        var state = group.nodes[0].store.state
        group.loses = cut("node-1", "node-3")
        _ = group.write("b", at: 0)
        group.run(milliseconds: 2_000)
        group.stop(0)
        group.loses = { _, _ in false }
        // A log that lost its tail: the counter rises, the sequence falls. Gossip is slow, and writes are not.
        group.losesMessage = { _, bytes in (try? GossipMessage(decoding: bytes)) != nil }
        state.bootCounter = group.nodes[0].store.state.bootCounter
        let lost = group.nodes[0].store.state.sequence
        try group.restart(0, on: state)
        for number in 0..<40 { _ = group.write("v", "key-\(number)", at: 1) }
        try #require(group.nodes[0].store.state.sequence > lost)
        group.losesMessage = { _, _ in false }
        group.run(milliseconds: 4_000)
        #expect(group.member(0).isRecovering)
        group.run(milliseconds: 40_000)
        #expect(group.recovering == [false, false, false])
        #expect((0..<3).map { group.read(at: $0) } == ["b", "b", "b"])
    }

    @Test("A higher boot counter with a higher sequence is an ordinary restart: it votes when one other has answered")
    func ordinary() throws {
        let group = try MemberGroup.formed()
        _ = group.write("a", at: 0)
        group.run(milliseconds: 2_000)
        let store = group.nodes[0].store.state.storeID
        try group.restart(0)
        #expect(group.member(0).isUnconfirmed)
        group.run(milliseconds: 2_000)
        #expect(!group.member(0).isUnconfirmed && !group.member(0).isRecovering)
        #expect(group.nodes[0].store.state.storeID == store)
        group.stop(2)
        #expect(group.read(at: 0) == "a")
    }

    @Test("A node that was started again does not vote before another member has answered it")
    func unconfirmed() throws {
        let group = try MemberGroup.formed()
        _ = group.write("a", at: 0)
        group.run(milliseconds: 2_000)
        group.loses = { from, to in from == "node-1" || to == "node-1" }
        try group.restart(0)
        group.run(milliseconds: 5_000)
        #expect(group.member(0).isUnconfirmed)
        #expect(group.read(at: 0) == "unavailable")
        #expect(group.read(at: 0, .eventual) == "a", "for that it will do")
        group.loses = { _, _ in false }
        group.run(milliseconds: 2_000)
        #expect(!group.member(0).isUnconfirmed)
        #expect(group.read(at: 0) == "a")
    }

    @Test("A retired store that comes back is not believed: it goes on as another new one")
    func retired() throws {
        let group = try MemberGroup.formed()
        _ = group.write("a", at: 0)
        group.run(milliseconds: 1_000)
        group.stop(0)
        let old = group.nodes[0].store.state
        try group.replaceDisk(0)
        group.run(milliseconds: 20_000)
        #expect(!group.member(0).isRecovering)
        _ = group.write("b", at: 0)
        group.stop(0)
        group.run(milliseconds: 6_000)
        try group.restart(0, on: old)
        group.run(milliseconds: 3_000)
        #expect(group.member(0).isRecovering)
        let third = group.nodes[0].store.state.storeID
        #expect(third != old.storeID && third != StoreID(high: 9, low: 77))
        group.run(milliseconds: 30_000)
        #expect(group.recovering == [false, false, false])
        #expect((0..<3).map { group.read(at: $0) } == ["b", "b", "b"])
    }

    @Test("Rows that the others deleted and purged meanwhile do not come back with an old disk")
    func purgedMeanwhile() throws {
        let group = try MemberGroup.formed()
        _ = group.write("old", at: 0)
        group.run(milliseconds: 1_000)
        let state = group.nodes[0].store.state
        _ = group.write(nil, at: 0)
        group.run(milliseconds: 90_000)
        #expect(group.holds() == ["-", "-", "-"])
        group.stop(0)
        group.run(milliseconds: 6_000)
        try group.restart(0, on: state)
        #expect(group.holds() == ["old", "-", "-"])
        group.run(milliseconds: 40_000)
        #expect(group.recovering == [false, false, false])
        #expect(group.holds() == ["-", "-", "-"])
        #expect((0..<3).map { group.read(at: $0) } == ["nothing", "nothing", "nothing"])
        #expect(group.nodes[0].store.state.marks.values.contains { $0.purged.rawValue > 0 })
    }
}
