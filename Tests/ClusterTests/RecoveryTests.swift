import Testing

@testable import Cluster

/// A rule for `MemberGroup.loses` that cuts the link between two nodes in both directions.
private func cut(_ one: String, _ other: String) -> (String, String) -> Bool {
    { from, to in (from, to) == (one, other) || (from, to) == (other, one) }
}

@Suite struct LostDiskTests {
    @Test("[A and B ack; A's disk is replaced; A and C form a quorum of \"absent\"] A does not vote, so the read fails")
    func replaced() throws {
        let group = try MemberGroup.bootstrapped()
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
        #expect(group.read(at: 2, .eventual) == "nothing", "an eventual read may miss the write")
        // When B runs again, the two replicas B and C hold all acknowledged writes between them.
        try group.restart(1)
        group.run(milliseconds: 30_000)
        #expect(group.recovering == [false, false, false])
        #expect((0..<3).map { group.read(at: $0) } == ["a", "a", "a"])
        #expect(group.nodes[0].store.state.items.values.map(\.version) == [version])
        #expect(group.nodes[0].observer.events.contains(.recovered))
    }

    @Test("A recovering member answers reads with `recovering`, stores writes, and its acknowledgements count")
    func recovering() throws {
        let group = try MemberGroup.bootstrapped()
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

    @Test("A recovering member rejects writes until it has the catalogs of enough other members")
    func catalogFirst() throws {
        let group = try MemberGroup.bootstrapped()
        group.stop(1)
        try group.replaceDisk(0)
        group.run(milliseconds: 25_000)
        let explanation = group.member(0).recovery?.explanation
        #expect(explanation == "too few healthy members answer: the catalogs of 2 members are needed")
        guard case .unavailable(let refused) = group.write("a", at: 2) else { return _ = Issue.record("no answer") }
        #expect((refused.acks, refused.required) == (0, 2))
        #expect(group.holds()[0] == "-")
        try group.restart(1)
        group.run(milliseconds: 2_000)
        #expect(group.member(0).isRecovering)
        #expect(group.write("a", at: 2)?.version != nil)
        #expect(group.holds() == ["a", "a", "a"])
    }

    @Test("A recovering member waits for the operations that may have counted answers of its old store")
    func waits() throws {
        let group = try MemberGroup.bootstrapped()
        try group.replaceDisk(0)
        let waiting = "waiting for operations that started before the disk was lost"
        let began = group.run(until: { group.member(0).recovery?.explanation == waiting }, atMost: 10_000)
        try #require(began != nil)
        let took = try #require(group.run(until: { !group.member(0).isRecovering }, atMost: 30_000))
        let settings = group.nodes[0].settings
        #expect(took >= settings.operationTimeoutMilliseconds)
        #expect(took < settings.operationTimeoutMilliseconds + settings.replicaTimeoutMilliseconds + 2_000)
    }

    @Test("A recovered member stays recovered over a restart, although its store is not the one in the record")
    func recoveredOverRestart() throws {
        let group = try MemberGroup.bootstrapped()
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

    @Test("A restart during the recovery starts the recovery again")
    func restartDuringRecovery() throws {
        let group = try MemberGroup.bootstrapped()
        try group.replaceDisk(0)
        group.run(milliseconds: 5_000)
        try group.restart(0)
        #expect(group.member(0).isRecovering)
        group.run(milliseconds: 3_000)
        #expect(group.member(0).isRecovering)
        group.run(milliseconds: 20_000)
        #expect(!group.member(0).isRecovering)
    }

    @Test("With one of two other members it stays recovering until an operator accepts the data loss")
    func acceptsLoss() throws {
        let group = try MemberGroup.bootstrapped()
        #expect(!group.member(0).acceptDataLoss(), "it is not recovering")
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
        #expect(!group.member(0).isRecovering, "the accepted loss is durable")
    }

    @Test("With N = 1 there is no other replica to recover from")
    func oneReplica() throws {
        let group = try MemberGroup.bootstrapped { $0.replicas = 1 }
        try group.replaceDisk(0)
        group.run(milliseconds: 60_000)
        #expect(group.member(0).recovery?.explanation == "there is no other replica to recover from")
        #expect(group.member(0).acceptDataLoss())
        group.settle()
        #expect(!group.member(0).isRecovering)
    }

    @Test("Two members that lost their disks do not recover from each other")
    func twoLost() throws {
        let group = try MemberGroup.bootstrapped()
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

    @Test("With five members and N = 3 each partition is recovered from both of its other replicas")
    func placed() throws {
        let group = try MemberGroup.bootstrapped(5)
        for number in 0..<40 { #expect(group.write("v\(number)", "key-\(number)", at: 1)?.version != nil) }
        let before = group.nodes[0].store.state.items
        try group.replaceDisk(0)
        group.run(milliseconds: 30_000)
        #expect(!group.member(0).isRecovering)
        #expect(!before.isEmpty)
        #expect(group.nodes[0].store.state.items == before)
    }

    @Test("A member that answers gossip but no anti-entropy calls does not block the recovery from the others")
    func oneWithoutAntiEntropy() throws {
        let group = try MemberGroup.bootstrapped(5) { $0.replicas = 5 }
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

    @Test("A recovering member adopts the purge marks of the others, so that deleted items stay deleted")
    func adoptsMarks() throws {
        let group = try MemberGroup.bootstrapped()
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

    @Test("Tombstones are not purged while a replica is recovering, and the reason is reported")
    func noPurge() throws {
        let group = try MemberGroup.bootstrapped { $0.replicas = 3 }
        _ = group.write("a", at: 1)
        _ = group.write(nil, at: 1)
        group.stop(1)
        try group.replaceDisk(0)
        try group.restart(1)
        // The recovering member node-1 cannot reach node-2, so it does not finish its recovery.
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
    @Test("A member with a rolled back disk continues as a new store and recovers the writes that it lost", arguments: [
        "counter", "sequence",
    ])
    func rolledBack(by what: String) throws {
        let group = try MemberGroup.bootstrapped()
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
        // The boot counter is synced before the process serves anything, so it is rolled back with the whole disk or
        // not.
        if what == "counter" { state.bootCounter -= 1 }
        try group.restart(0, on: state)
        #expect(!group.member(0).isRecovering, "no peer has detected the rollback yet")
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

    @Test("[A and B ack; A's disk is rolled back; A and C agree on the old value] A does not vote unconfirmed")
    func beforeConfirmation() throws {
        let group = try MemberGroup.bootstrapped()
        let state = group.nodes[0].store.state
        group.loses = cut("node-1", "node-3")
        _ = group.write("b", at: 0)
        group.run(milliseconds: 2_000)
        group.stop(0)
        group.stop(1)
        group.run(milliseconds: 6_000)
        try group.restart(0, on: state)
        group.loses = { _, _ in false }
        // The first heartbeat of A, whose disk was rolled back, reaches C together with the read.
        #expect(group.read(at: 2) == "unavailable")
        #expect(group.read(at: 0) == "unavailable")
        group.run(milliseconds: 30_000)
        #expect(group.read(at: 2) == "unavailable")
        try group.restart(1)
        group.run(milliseconds: 40_000)
        #expect((0..<3).map { group.read(at: $0) } == ["b", "b", "b"])
    }

    @Test("Writes after a rollback do not hide it, even if they raise the sequence above the one that was lost")
    func writesAfterRollback() throws {
        let group = try MemberGroup.bootstrapped()
        _ = group.write("a", at: 0)
        group.run(milliseconds: 1_000)
        var state = group.nodes[0].store.state
        group.loses = cut("node-1", "node-3")
        _ = group.write("b", at: 0)
        group.run(milliseconds: 2_000)
        group.stop(0)
        group.loses = { _, _ in false }
        // The write-ahead log lost its tail: the boot counter of the restarted node rises as usual, but its durable
        // sequence falls. Its heartbeats are lost, so other nodes do not learn the sequence, while its writes arrive.
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

    @Test("After an ordinary restart a member votes as soon as one peer has confirmed its disk")
    func ordinary() throws {
        let group = try MemberGroup.bootstrapped()
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

    @Test("A restarted member does not vote before a peer has confirmed its disk")
    func unconfirmed() throws {
        let group = try MemberGroup.bootstrapped()
        _ = group.write("a", at: 0)
        group.run(milliseconds: 2_000)
        group.loses = { from, to in from == "node-1" || to == "node-1" }
        try group.restart(0)
        group.run(milliseconds: 5_000)
        #expect(group.member(0).isUnconfirmed)
        #expect(group.read(at: 0) == "unavailable")
        #expect(group.read(at: 0, .eventual) == "a", "eventual reads need no vote")
        group.loses = { _, _ in false }
        group.run(milliseconds: 2_000)
        #expect(!group.member(0).isUnconfirmed)
        #expect(group.read(at: 0) == "a")
    }

    @Test("A retired store that returns continues as another new store")
    func retired() throws {
        let group = try MemberGroup.bootstrapped()
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

    @Test("Items that the others deleted and purged do not return with a rolled back disk")
    func purgedMeanwhile() throws {
        let group = try MemberGroup.bootstrapped()
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
