import Cluster
import Testing

@Suite struct CoordinatorTests {
    private let replica = MemoryReplica()
    private let clock = ManualClock()
    private let table = TableID(rawValue: 1)
    private let key = ItemKey(stored: Array("k".utf8))
    private let coordinator: Coordinator

    init() {
        coordinator = Coordinator(
            store: replica, clock: clock, operationTimeoutMilliseconds: 5000, maximumClockSkewMilliseconds: 500)
    }

    private func put(_ value: String) -> Coordinator.WriteAnswer? {
        var answer: Coordinator.WriteAnswer?
        coordinator.put(Array(value.utf8), table: table, key: key) { answer = $0 }
        #expect(answer == nil, "no completion before the starting call returns")
        replica.settle()
        return answer
    }

    private func delete() -> Coordinator.WriteAnswer? {
        var answer: Coordinator.WriteAnswer?
        coordinator.delete(table: table, key: key) { answer = $0 }
        #expect(answer == nil, "no completion before the starting call returns")
        replica.settle()
        return answer
    }

    private func get() -> Coordinator.ReadAnswer? {
        var late: Coordinator.ReadAnswer?
        let now = coordinator.get(table: table, key: key) { late = $0 }
        replica.settle()
        return now ?? late
    }

    private func version(_ answer: Coordinator.WriteAnswer?) throws -> Version {
        guard case .done(let version)? = answer else {
            Issue.record("not done: \(String(describing: answer))")
            throw StoreError.closed
        }
        return version
    }

    @Test("What was put is read, from memory and from the disk alike", arguments: [true, false])
    func putThenGet(fromMemory: Bool) throws {
        let written = try version(put("{}"))
        replica.answersFromMemory = fromMemory
        #expect(get() == .found(StoredItem(version: written, isTombstone: false, value: Array("{}".utf8))))
    }

    @Test("A delete leaves a tombstone that reads as nothing, and a second one finds no item")
    func deletes() throws {
        let written = try version(put("{}"))
        let deleted = try version(delete())
        #expect(deleted > written)
        #expect(get() == .noItem)
        #expect(delete() == .noItem)
        #expect(replica.committed.map(\.item.isTombstone) == [false, true])
    }

    @Test("A delete of a key that never was writes nothing")
    func deleteOfNothing() {
        #expect(delete() == .noItem)
        #expect(replica.committed.isEmpty)
    }

    @Test("The last write wins though the wall clock goes back by minutes")
    func clockGoesBack() throws {
        let first = try version(put(#"{"n":1}"#))
        clock.wallMilliseconds -= 300_000
        let second = try version(put(#"{"n":2}"#))
        #expect(second > first)
    }

    @Test("After a restart under a clock that is behind, a key's new version still exceeds its old one")
    func restartBehind() throws {
        let first = try version(put(#"{"n":1}"#))
        clock.wallMilliseconds -= 300_000
        let restarted = Coordinator(
            store: replica, clock: clock, operationTimeoutMilliseconds: 5000, maximumClockSkewMilliseconds: 500)
        var answer: Coordinator.WriteAnswer?
        restarted.put([], table: table, key: key) { answer = $0 }
        replica.settle()
        #expect(try version(answer) > first)
    }

    @Test("A store with one version from the far future does not carry other keys there")
    func oneBadClock() throws {
        replica.highestClock = HybridTimestamp(milliseconds: clock.wallMilliseconds + 300_000)
        let written = try version(put("{}"))
        #expect(written.clock.milliseconds == clock.wallMilliseconds)
    }

    @Test("Refused is not applied; a disk that failed under the write is unknown", arguments: [
        (WriteResult.refused(.diskFull), Unavailable.Reason.diskFull, Unavailable.Outcome.notApplied),
        (.refused(.queueFull), .overloaded, .notApplied),
        (.failed("sync"), .storage("sync"), .unknown),
    ])
    func unavailable(result: WriteResult, reason: Unavailable.Reason, outcome: Unavailable.Outcome) {
        replica.nextWriteResult = result
        #expect(
            put("{}") == .unavailable(Unavailable(reason: reason, acks: 0, required: 1, outcome: outcome)))
    }

    @Test("A commit that takes longer than the operation timeout is answered once, as unknown")
    func timesOut() {
        var answers: [Coordinator.WriteAnswer] = []
        coordinator.put([], table: table, key: key) { answers.append($0) }
        clock.monotonicMilliseconds = 4999
        coordinator.expireOverdue()
        #expect(answers.isEmpty)
        clock.monotonicMilliseconds = 5000
        coordinator.expireOverdue()
        replica.settle()
        let timedOut = Unavailable(
            reason: .timedOut(afterMilliseconds: 5000), acks: 0, required: 1, outcome: .unknown)
        #expect(answers == [.unavailable(timedOut)])
        #expect(coordinator.operationsRunning == 0)
    }

    @Test("A delete that times out while it looks up has applied nothing")
    func lookupTimesOut() {
        replica.answersFromMemory = false
        var answers: [Coordinator.WriteAnswer] = []
        coordinator.delete(table: table, key: key) { answers.append($0) }
        clock.monotonicMilliseconds = 5000
        coordinator.expireOverdue()
        replica.settle()
        let timedOut = Unavailable(
            reason: .timedOut(afterMilliseconds: 5000), acks: 0, required: 1, outcome: .notApplied)
        #expect(answers == [.unavailable(timedOut)])
        #expect(replica.committed.isEmpty)
    }

    @Test("A table that takes longer than the operation timeout is answered as unknown, and settled when it is known")
    func tableTimesOut() throws {
        let state = TableState(
            name: try TableName(validating: Array("t".utf8)), generation: 1, isDeleted: false, createdAtMilliseconds: 0)
        var settled: [WriteResult] = []
        var answers: [Coordinator.TableAnswer] = []
        coordinator.change(state) { settled.append($0) } completion: { answers.append($0) }
        clock.monotonicMilliseconds = 5000
        coordinator.expireOverdue()
        let timedOut = Unavailable(
            reason: .timedOut(afterMilliseconds: 5000), acks: 0, required: 1, outcome: .unknown)
        #expect(answers == [.unavailable(timedOut)])
        #expect(settled.isEmpty)
        replica.settle()
        #expect(settled == [.committed])
        #expect(answers.count == 1)
    }
}
