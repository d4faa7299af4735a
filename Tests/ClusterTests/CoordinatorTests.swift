@testable import Cluster
import Testing

private func version(_ answer: Answer<Coordinator.WriteAnswer>) throws -> Version {
    guard case .done(let version)? = answer.value else {
        Issue.record("not done: \(String(describing: answer.value))")
        throw StoreError.closed
    }
    return version
}

private func text(_ answer: Answer<Coordinator.ReadAnswer>) -> String? {
    switch answer.value {
    case .found(let item): String(decoding: item.value, as: UTF8.self)
    case .noItem: "nothing"
    case .noTable: "no table"
    case .unavailable: "unavailable"
    case nil: nil
    }
}

@Suite struct StrongWriteTests {
    @Test("A strong write is stored on all replicas, and every node reads it")
    func everywhere() throws {
        let group = try ReplicaGroup()
        _ = try version(group.put("a"))
        #expect(group.values == ["a", "a", "a"])
        #expect(members(3).map { text(group.get(at: $0)) } == ["a", "a", "a"])
    }

    @Test("Two concurrent strong writes of a key whose version is in the future get different versions")
    func futureVersion() throws {
        let group = try ReplicaGroup()
        group.plant("future", clock: group.nodes[0].clock.wallMilliseconds + 400_000, on: [0, 1, 2])
        group.held = { $0.isWrite }
        let first = group.put("b")
        let second = group.put("c")
        group.release()
        #expect(try version(first) != version(second))
        #expect(Set(group.values).count == 1)
    }

    @Test("A coordinator whose clock is minutes behind still writes a higher version than a write that it missed")
    func clockBehind() throws {
        let group = try ReplicaGroup()
        group.dead = [2]
        let first = try version(group.put("new", at: 0))
        group.dead = []
        group.nodes[2].clock.wallMilliseconds -= 300_000
        #expect(try version(group.put("newest", at: 2)) > first)
        #expect(text(group.get(at: 1)) == "newest")
    }

    @Test("The last write wins even if the wall clock goes back by minutes")
    func clockGoesBack() throws {
        let group = try ReplicaGroup(1)
        let first = try version(group.put("a"))
        group.nodes[0].clock.wallMilliseconds -= 300_000
        #expect(try version(group.put("b")) > first)
        #expect(group.values == ["b"])
    }

    @Test("One version far in the future does not move the versions of other keys into the future")
    func oneBadClock() throws {
        let group = try ReplicaGroup(1)
        let now = group.nodes[0].clock.wallMilliseconds
        group.nodes[0].store.highestClock = HybridTimestamp(milliseconds: now + 300_000)
        #expect(try version(group.put("{}")).clock.milliseconds == now)
    }

    @Test("Without a quorum of versions a write is `notApplied`, without a quorum of acks it is unknown")
    func noQuorum() throws {
        let group = try ReplicaGroup()
        group.dead = [1, 2]
        guard case .unavailable(let early) = group.put("a").value else { return _ = Issue.record("no answer") }
        #expect((early.acks, early.required, early.outcome) == (0, 2, .notApplied))
        #expect(group.values == ["-", "-", "-"])
        group.dead = []
        group.lost = { $0.isWrite && $0.to != 0 ? .timedOut : nil }
        guard case .unavailable(let late) = group.put("b").value else { return _ = Issue.record("no answer") }
        #expect((late.acks, late.required, late.outcome) == (1, 2, .unknown))
    }

    @Test("An acknowledgement after the operation timeout is ignored, and the client is answered once")
    func timesOut() throws {
        let group = try ReplicaGroup()
        group.held = { $0.isWrite }
        let answer = group.put("a")
        group.advance(4_999)
        #expect(answer.value == nil)
        group.advance(1)
        guard case .unavailable(let refused) = answer.value else { return _ = Issue.record("no answer") }
        #expect(refused.reason == .timedOut(afterMilliseconds: 5_000))
        #expect(refused.outcome == .unknown)
        group.release()
        #expect(group.values == ["a", "a", "a"])
    }

    @Test("When a replica is slow to answer with its version, the coordinator asks another one (hedging)")
    func hedge() throws {
        let group = try ReplicaGroup()
        group.held = { !$0.isWrite && $0.to == 1 }
        let answer = group.put("a")
        #expect(answer.value == nil)
        group.advance(10)
        _ = try version(answer)
        #expect(group.nodes[0].observer.events.contains(.hedged))
    }

    @Test("A write rejected by a peer may have reached it twice: only an unsent one is `notApplied`", arguments: [
        (PeerFailure.refused, Unavailable.Outcome.notApplied), (.unreachable("far"), .notApplied),
        (.rejected("stopping"), .unknown), (.timedOut, .unknown), (.broken("cut"), .unknown),
    ])
    func failuresElsewhere(failure: PeerFailure, outcome: Unavailable.Outcome) throws {
        let group = try ReplicaGroup()
        group.nodes[0].store.nextWriteResult = .refused(.queueFull)
        group.lost = { $0.isWrite && $0.to != 0 ? failure : nil }
        guard case .unavailable(let refused) = group.put("a").value else { return _ = Issue.record("no answer") }
        #expect((refused.acks, refused.outcome) == (0, outcome))
    }

    @Test("A second copy of a message may be accepted after the first was rejected, so the outcome is unknown")
    func refusedOnceAcceptedThen() throws {
        let group = try ReplicaGroup(4, replicas: 3)
        for index in 0..<3 { group.nodes[index].store.nextWriteResult = .refused(.queueFull) }
        guard case .unavailable(let refused) = group.put("a", at: 3, .eventual).value else {
            return _ = Issue.record("no answer")
        }
        #expect(refused.outcome == .unknown)
    }

    @Test("A node with a nearly full queue rejects client writes, and still stores the writes of other nodes")
    func nearlyFullQueue() throws {
        let group = try ReplicaGroup()
        group.nodes[0].store.isOverloaded = true
        guard case .unavailable(let refused) = group.put("a", at: 0).value else { return _ = Issue.record("no answer") }
        #expect((refused.reason, refused.outcome) == (.overloaded, .notApplied))
        _ = try version(group.put("b", at: 1))
        #expect(group.values == ["b", "b", "b"])
    }

    @Test("A write is observed once for each other member, with its result")
    func counted() throws {
        let group = try ReplicaGroup()
        group.dead = [1]
        _ = try version(group.put("a"))
        group.dead = []
        group.lost = { $0.isWrite && $0.to == 2 ? .refused : nil }
        _ = try version(group.delete())
        let sent = group.nodes[0].observer.sent.map { "\($0.isDelete) \($0.target) \($0.result.rawValue)" }
        #expect(sent.sorted() == ["false 1 node_down", "false 2 success", "true 1 success", "true 2 failure"])
    }

    @Test("On a single node a rejected write is `notApplied`, and a write whose sync failed is unknown", arguments: [
        (WriteResult.refused(.diskFull), Unavailable.Outcome.notApplied),
        (.refused(.queueFull), .notApplied), (.failed("sync"), .unknown),
    ])
    func refusals(result: WriteResult, outcome: Unavailable.Outcome) throws {
        for consistency in [Consistency.strong, .eventual] {
            let group = try ReplicaGroup(1)
            group.nodes[0].store.nextWriteResult = result
            guard case .unavailable(let refused) = group.put("a", at: 0, consistency).value else {
                return _ = Issue.record("no answer")
            }
            #expect((refused.acks, refused.required, refused.outcome) == (0, 1, outcome))
        }
    }
}

@Suite struct EventualWriteTests {
    @Test("An eventual write completes at the first durable acknowledgement, and still reaches the other replicas")
    func firstAck() throws {
        let group = try ReplicaGroup()
        group.held = { $0.to != 0 }
        _ = try version(group.put("a", at: 0, .eventual))
        #expect(group.values == ["a", "-", "-"])
        group.release()
        #expect(group.values == ["a", "a", "a"])
    }

    @Test("Eventual operations succeed with one node of three, strong ones do not")
    func alone() throws {
        let group = try ReplicaGroup()
        group.dead = [1, 2]
        _ = try version(group.put("a", at: 0, .eventual))
        #expect(text(group.get(at: 0, .eventual)) == "a")
        #expect(text(group.get(at: 0)) == "unavailable")
    }

    @Test("A node without a replica reads a replica's version, issues a higher one, and writes to all replicas")
    func withoutReplica() throws {
        let group = try ReplicaGroup(4, replicas: 3)
        group.plant("old", clock: group.nodes[0].clock.wallMilliseconds + 400_000, on: [0, 1, 2])
        _ = try version(group.put("new", at: 3, .eventual))
        #expect(group.values == ["new", "new", "new", "-"])
        #expect(text(group.get(at: 3, .eventual)) == "new")
    }

    @Test("An eventual write with all replicas dead is `notApplied`")
    func allDead() throws {
        let group = try ReplicaGroup(4, replicas: 3)
        group.dead = [0, 1, 2]
        guard case .unavailable(let refused) = group.put("a", at: 3, .eventual).value else {
            return _ = Issue.record("no answer")
        }
        #expect(refused.outcome == .notApplied)
    }

    @Test("An eventual delete that finds no local item asks R replicas before it answers `noItem`")
    func deleteElsewhere() throws {
        let group = try ReplicaGroup()
        group.plant("a", clock: 5, on: [1])
        _ = try version(group.delete(at: 0, .eventual))
        #expect(group.values == ["x", "x", "x"])
        #expect(group.delete(at: 0, .eventual).value == .noItem)
    }
}

@Suite struct StrongReadTests {
    @Test("A version that only one replica holds is written back before the read is answered")
    func writesBack() throws {
        let group = try ReplicaGroup()
        group.plant("old", clock: 1, on: [0, 1, 2])
        group.plant("new", clock: 2, on: [0])
        group.held = { $0.isWrite }
        let answer = group.get(at: 0)
        #expect(answer.value == nil)
        group.release()
        #expect(text(answer) == "new")
        #expect(group.values == ["new", "new", "new"])
    }

    @Test("If W is greater than R, agreement of R replicas is not enough")
    func agreementOfR() throws {
        let group = try ReplicaGroup(3, read: 1, write: 3)
        group.plant("half", clock: 2, on: [0])
        #expect(text(group.get(at: 0)) == "half")
        #expect(group.values == ["half", "half", "half"])
    }

    @Test("A tombstone is written back like a value before the answer `noItem`", arguments: [true, false])
    func tombstone(read: Bool) throws {
        let group = try ReplicaGroup()
        group.plant("old", clock: 1, on: [0, 1, 2])
        group.plant(nil, clock: 2, on: [1])
        if read {
            #expect(text(group.get(at: 0)) == "nothing")
        } else {
            #expect(group.delete(at: 0).value == .noItem)
        }
        #expect(group.values.count { $0 == "x" } >= 2)
    }

    @Test("The value is read from a replica that holds the newest version")
    func fetches() throws {
        let group = try ReplicaGroup()
        group.plant("old", clock: 1, on: [0])
        group.plant("new", clock: 2, on: [1, 2])
        #expect(text(group.get(at: 0)) == "new")
    }

    @Test("A recovering or damaged replica does not count as an answer", arguments: ["recovering", "damaged"])
    func noVote(why: String) throws {
        let group = try ReplicaGroup()
        group.plant("a", clock: 1, on: [1, 2])
        if why == "recovering" { group.recovering = [0] } else { group.nodes[0].store.readError = .damaged("bits") }
        #expect(text(group.get(at: 0)) == "a")
        group.dead = [1]
        #expect(text(group.get(at: 0)) == "unavailable")
    }

    @Test("One version with two values is reported as a conflict, and all nodes return the same value")
    func conflict() throws {
        let group = try ReplicaGroup()
        group.plant("a", clock: 1, on: [0])
        group.plant("b", clock: 1, on: [1, 2])
        #expect(Set(members(3).map { text(group.get(at: $0)) }).count == 1)
        #expect(group.nodes[0].observer.events.contains(.versionConflict(table: "t")))
    }

    @Test("Reads from the disk return the same as reads from memory")
    func fromDisk() throws {
        let group = try ReplicaGroup()
        _ = try version(group.put("a"))
        for node in group.nodes { node.store.answersFromMemory = false }
        #expect(text(group.get(at: 1)) == "a")
        #expect(text(group.get(at: 1, .eventual)) == "a")
    }
}

@Suite struct TableOperationTests {
    private let name = tableName("fresh")

    private func create(_ group: ReplicaGroup, at node: Int) -> Answer<Coordinator.TableAnswer> {
        let answer = Answer<Coordinator.TableAnswer>()
        group.nodes[node].coordinator.createTable(name, trace: .none) { answer.set($0) }
        group.settle()
        return answer
    }

    private func delete(_ group: ReplicaGroup, at node: Int) -> Answer<Coordinator.TableAnswer> {
        let answer = Answer<Coordinator.TableAnswer>()
        group.nodes[node].coordinator.deleteTable(name, trace: .none) { answer.set($0) }
        group.settle()
        return answer
    }

    private func state(_ group: ReplicaGroup, _ node: Int) -> TableState? {
        group.nodes[node].catalog.catalog.state(of: name)
    }

    @Test("A table is created once and deleted, on all members")
    func createAndDelete() throws {
        let group = try ReplicaGroup()
        #expect(create(group, at: 0).value == .done)
        #expect(create(group, at: 1).value == .refused(.exists))
        #expect(delete(group, at: 2).value == .done)
        #expect(delete(group, at: 2).value == .noTable)
        #expect(create(group, at: 1).value == .done)
        #expect((0..<3).map { state(group, $0)?.generation } == [2, 2, 2])
    }

    @Test("Two concurrent creations of one name create the same table")
    func concurrent() throws {
        let group = try ReplicaGroup()
        group.nodes[1].clock.wallMilliseconds += 7
        let answers = (0..<2).map { node in
            let answer = Answer<Coordinator.TableAnswer>()
            group.nodes[node].coordinator.createTable(name, trace: .none) { answer.set($0) }
            return answer
        }
        group.settle()
        #expect(answers.map(\.value) == [.done, .done])
        #expect(Set((0..<3).map { state(group, $0) }).count == 1)
    }

    @Test("A majority suffices to create a table, and without it the error has the numbers of members")
    func majority() throws {
        let group = try ReplicaGroup()
        group.dead = [2]
        #expect(create(group, at: 0).value == .done)
        group.dead = [1, 2]
        guard case .unavailable(let refused) = delete(group, at: 0).value else { return _ = Issue.record("no answer") }
        #expect((refused.acks, refused.required, refused.outcome) == (0, 2, .notApplied))
    }

    @Test("A member that missed a table's recreation rejects the old generation and learns the new one from a write")
    func missedRecreation() throws {
        let old = ReplicaGroup.table
        let group = try ReplicaGroup()
        group.plant("old", clock: 1, on: [0, 1, 2])
        let new = TableState(name: old.name, generation: 2, isDeleted: false, createdAtMilliseconds: 9)
        for node in [0, 1] {
            group.nodes[node].catalog.adopt(new) { _ in }
            group.settle()
        }
        #expect(group.put("late", at: 2).value == .noTable)
        let answer = Answer<Coordinator.WriteAnswer>()
        group.nodes[0].coordinator.put([7], ReplicaGroup.key, in: new, .strong, trace: .none) { answer.set($0) }
        group.settle()
        _ = try version(answer)
        #expect(group.nodes[2].catalog.catalog.live(old.name) == new)
        #expect(group.nodes[2].store.item(new.id, ReplicaGroup.key)?.value == [7])
    }

    @Test("Rows deleted with their table read as `noTable` even before the catalog changes", arguments: [
        Consistency.strong, .eventual,
    ])
    func rowsDeletedFirst(consistency: Consistency) throws {
        let group = try ReplicaGroup(3, read: 1, write: 3)
        group.plant("a", clock: 1, on: [0, 1, 2])
        group.nodes[0].store.readError = .tableDeleted
        #expect(group.get(at: 0, consistency).value == .noTable)
        #expect(group.delete(at: 0, consistency).value == .noTable)
    }

    @Test("A table creation waits a limited time for the members beyond the majority")
    func waitsBeyondMajority() throws {
        let group = try ReplicaGroup()
        group.held = { message in
            if case .writeTable = message.call.operation { message.to == 2 } else { false }
        }
        let answer = create(group, at: 0)
        #expect(answer.value == nil)
        group.advance(1_000)
        #expect(answer.value == .done)
    }
}
