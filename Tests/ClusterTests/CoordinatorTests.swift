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
    @Test("A strong write lands on all replicas, and any node reads it")
    func everywhere() throws {
        let group = try ReplicaGroup()
        _ = try version(group.put("a"))
        #expect(group.values == ["a", "a", "a"])
        #expect(members(3).map { text(group.get(at: $0)) } == ["a", "a", "a"])
    }

    @Test("Two strong writes through one node on a key whose version lies in the future get different versions")
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

    @Test("A coordinator whose clock is minutes behind still writes above what it did not see itself")
    func clockBehind() throws {
        let group = try ReplicaGroup()
        group.dead = [2]
        let first = try version(group.put("new", at: 0))
        group.dead = []
        group.nodes[2].clock.wallMilliseconds -= 300_000
        #expect(try version(group.put("newest", at: 2)) > first)
        #expect(text(group.get(at: 1)) == "newest")
    }

    @Test("The last write wins though the wall clock goes back by minutes")
    func clockGoesBack() throws {
        let group = try ReplicaGroup(1)
        let first = try version(group.put("a"))
        group.nodes[0].clock.wallMilliseconds -= 300_000
        #expect(try version(group.put("b")) > first)
        #expect(group.values == ["b"])
    }

    @Test("A store with one version from the far future does not carry other keys there")
    func oneBadClock() throws {
        let group = try ReplicaGroup(1)
        let now = group.nodes[0].clock.wallMilliseconds
        group.nodes[0].store.highestClock = HybridTimestamp(milliseconds: now + 300_000)
        #expect(try version(group.put("{}")).clock.milliseconds == now)
    }

    @Test("Without a quorum of versions nothing is applied; without one of acks it is unknown")
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

    @Test("An answer that comes after the operation timeout changes nothing, and the client hears once")
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

    @Test("A replica that is slow with its version is overtaken by the one that was not asked at first")
    func hedge() throws {
        let group = try ReplicaGroup()
        group.held = { !$0.isWrite && $0.to == 1 }
        let answer = group.put("a")
        #expect(answer.value == nil)
        group.advance(10)
        _ = try version(answer)
        #expect(group.nodes[0].observer.events.contains(.hedged))
    }

    @Test("What another node refused may have reached it twice. Only what never left is not applied", arguments: [
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

    @Test("The second copy of a message may be accepted after the first was refused, so a refusal elsewhere is unknown")
    func refusedOnceAcceptedThen() throws {
        let group = try ReplicaGroup(4, replicas: 3)
        for index in 0..<3 { group.nodes[index].store.nextWriteResult = .refused(.queueFull) }
        guard case .unavailable(let refused) = group.put("a", at: 3, .eventual).value else {
            return _ = Issue.record("no answer")
        }
        #expect(refused.outcome == .unknown)
    }

    @Test("A node whose queue is nearly full turns clients away, and still stores what other nodes send")
    func crowded() throws {
        let group = try ReplicaGroup()
        group.nodes[0].store.isOverloaded = true
        guard case .unavailable(let refused) = group.put("a", at: 0).value else { return _ = Issue.record("no answer") }
        #expect((refused.reason, refused.outcome) == (.overloaded, .notApplied))
        _ = try version(group.put("b", at: 1))
        #expect(group.values == ["b", "b", "b"])
    }

    @Test("Each write is counted once for each other member, with what became of it")
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

    @Test("A lone node's refusal is not applied; a disk that failed under the write is unknown", arguments: [
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
    @Test("An eventual write is done at the first durable ack, and reaches the others all the same")
    func firstAck() throws {
        let group = try ReplicaGroup()
        group.held = { $0.to != 0 }
        _ = try version(group.put("a", at: 0, .eventual))
        #expect(group.values == ["a", "-", "-"])
        group.release()
        #expect(group.values == ["a", "a", "a"])
    }

    @Test("It goes on with one node of three, where a strong one cannot")
    func alone() throws {
        let group = try ReplicaGroup()
        group.dead = [1, 2]
        _ = try version(group.put("a", at: 0, .eventual))
        #expect(text(group.get(at: 0, .eventual)) == "a")
        #expect(text(group.get(at: 0)) == "unavailable")
    }

    @Test("A node that holds no replica asks one that does, stamps above it, and sends to all")
    func withoutReplica() throws {
        let group = try ReplicaGroup(4, replicas: 3)
        group.plant("old", clock: group.nodes[0].clock.wallMilliseconds + 400_000, on: [0, 1, 2])
        _ = try version(group.put("new", at: 3, .eventual))
        #expect(group.values == ["new", "new", "new", "-"])
        #expect(text(group.get(at: 3, .eventual)) == "new")
    }

    @Test("All replicas dead: not applied, and nothing kept")
    func allDead() throws {
        let group = try ReplicaGroup(4, replicas: 3)
        group.dead = [0, 1, 2]
        guard case .unavailable(let refused) = group.put("a", at: 3, .eventual).value else {
            return _ = Issue.record("no answer")
        }
        #expect(refused.outcome == .notApplied)
    }

    @Test("A delete that finds nothing nearby asks R members before it says so")
    func deleteElsewhere() throws {
        let group = try ReplicaGroup()
        group.plant("a", clock: 5, on: [1])
        _ = try version(group.delete(at: 0, .eventual))
        #expect(group.values == ["x", "x", "x"])
        #expect(group.delete(at: 0, .eventual).value == .noItem)
    }
}

@Suite struct StrongReadTests {
    @Test("A version that one replica alone holds is written back before a client is told of it")
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

    @Test("That R agree is not enough when W are more than R")
    func agreementOfR() throws {
        let group = try ReplicaGroup(3, read: 1, write: 3)
        group.plant("half", clock: 2, on: [0])
        #expect(text(group.get(at: 0)) == "half")
        #expect(group.values == ["half", "half", "half"])
    }

    @Test("A tombstone is written back like a value before nothing is answered", arguments: [true, false])
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

    @Test("The value is fetched from whoever holds the newest version")
    func fetches() throws {
        let group = try ReplicaGroup()
        group.plant("old", clock: 1, on: [0])
        group.plant("new", clock: 2, on: [1, 2])
        #expect(text(group.get(at: 0)) == "new")
    }

    @Test("A replica that is recovering, damaged or silent counts as no answer", arguments: ["recovering", "damaged"])
    func noVote(why: String) throws {
        let group = try ReplicaGroup()
        group.plant("a", clock: 1, on: [1, 2])
        if why == "recovering" { group.recovering = [0] } else { group.nodes[0].store.readError = .damaged("bits") }
        #expect(text(group.get(at: 0)) == "a")
        group.dead = [1]
        #expect(text(group.get(at: 0)) == "unavailable")
    }

    @Test("One version with two values is an alarm, and all nodes give the same one of them")
    func conflict() throws {
        let group = try ReplicaGroup()
        group.plant("a", clock: 1, on: [0])
        group.plant("b", clock: 1, on: [1, 2])
        #expect(Set(members(3).map { text(group.get(at: $0)) }).count == 1)
        #expect(group.nodes[0].observer.events.contains(.versionConflict(table: "t")))
    }

    @Test("From the disk as from memory")
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

    @Test("A table is created on all, once, and deleted from all")
    func life() throws {
        let group = try ReplicaGroup()
        #expect(create(group, at: 0).value == .done)
        #expect(create(group, at: 1).value == .refused(.exists))
        #expect(delete(group, at: 2).value == .done)
        #expect(delete(group, at: 2).value == .noTable)
        #expect(create(group, at: 1).value == .done)
        #expect((0..<3).map { state(group, $0)?.generation } == [2, 2, 2])
    }

    @Test("Two creates of one name at once make the same table")
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

    @Test("A majority is enough to create, and too few members are told in numbers")
    func majority() throws {
        let group = try ReplicaGroup()
        group.dead = [2]
        #expect(create(group, at: 0).value == .done)
        group.dead = [1, 2]
        guard case .unavailable(let refused) = delete(group, at: 0).value else { return _ = Issue.record("no answer") }
        #expect((refused.acks, refused.required, refused.outcome) == (0, 2, .notApplied))
    }

    @Test("A member that slept through delete and remaking refuses the old generation and learns the new from a write")
    func sleeper() throws {
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

    @Test("Rows that went with their table are no table, not no item, and sooner than it is heard", arguments: [
        Consistency.strong, .eventual,
    ])
    func rowsGoFirst(consistency: Consistency) throws {
        let group = try ReplicaGroup(3, read: 1, write: 3)
        group.plant("a", clock: 1, on: [0, 1, 2])
        group.nodes[0].store.readError = .tableDeleted
        #expect(group.get(at: 0, consistency).value == .noTable)
        #expect(group.delete(at: 0, consistency).value == .noTable)
    }

    @Test("The others are waited for, but not for long")
    func grace() throws {
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
