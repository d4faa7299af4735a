import Base
import Cluster
import Testing

@testable import Storage

@Suite struct PurgeTests {
    private let fixture: StoreFixture
    private let users: TableState
    private let keys: [String]
    private let partition: UInt16

    init() throws {
        fixture = try StoreFixture()
        users = try table("users")
        keys = keysOfOneLeaf(5, partitions: 16)
        partition = KeyPlace(key: itemKey(keys[0]), partitions: 16).partition
        fixture.submit(users)
    }

    private func mark(_ promised: UInt64, _ purged: UInt64) -> PurgeMark {
        PurgeMark(promised: HybridTimestamp(rawValue: promised), purged: HybridTimestamp(rawValue: purged))
    }

    private func purge(_ clock: UInt64, _ rows: [(key: String, clock: UInt64)]) -> Purge {
        Purge(
            partition: partition, mark: HybridTimestamp(rawValue: clock),
            rows: rows.map { Purge.Row(table: users.id, key: itemKey($0.key), version: version($0.clock)) })
    }

    private func repair(_ key: String, _ clock: UInt64) -> ReplicaWrite {
        ReplicaWrite(table: users.id, key: itemKey(key), item: put(users.id, key, clock).item, isRepair: true)
    }

    private func expect(held expected: [Int: UInt64], tombstones: Int) throws {
        for (index, key) in keys.enumerated() {
            #expect(try fixture.read(users.id, key)?.version.clock.rawValue == expected[index])
        }
        let summary = fixture.store.summary(of: users.id)
        #expect(summary.live == expected.count - tombstones && summary.tombstones == tombstones)
        let place = KeyPlace(key: itemKey(keys[0]), partitions: 16)
        let listed = try fixture.store.reader.list(LeafRequest(place, limit: 100)).rows
        #expect(listed.count == expected.count)
    }

    @Test("A purge removes just the rows that still bear the version named, live ones too, and counts stay exact")
    func rows() throws {
        _ = fixture.submit([
            delete(users.id, keys[0], 5), delete(users.id, keys[1], 6), put(users.id, keys[2], 7),
            put(users.id, keys[3], 8), delete(users.id, keys[4], 9),
        ])
        let named = [(keys[0], 5), (keys[1], 4), (keys[2], 7), (keys[0], 5), ("k0", 99)] as [(String, UInt64)]
        #expect(fixture.submit(purge(20, named)) == .committed)
        try expect(held: [1: 6, 3: 8, 4: 9], tombstones: 2)
        #expect(fixture.store.mark(of: Int(partition)) == mark(20, 20))
        try fixture.reopen()
        try expect(held: [1: 6, 3: 8, 4: 9], tombstones: 2)
        #expect(fixture.store.mark(of: Int(partition)) == mark(20, 20))
        #expect(fixture.store.mark(of: Int(partition) ^ 1) == PurgeMark())
    }

    @Test("What was purged is absent to the next write, whatever was remembered of it")
    func forgotten() throws {
        #expect(fixture.submit(delete(users.id, keys[0], 50)) == .committed)
        #expect(fixture.submit(purge(10, [(keys[0], 50)])) == .committed)
        #expect(fixture.submit(put(users.id, keys[0], 11)) == .committed)
        try expect(held: [0: 11], tombstones: 0)
    }

    @Test("A late put is expired; from a repair it lands, unless its key is not held and was purged up to there")
    func verdicts() throws {
        #expect(fixture.promise(100, partition: partition) == .committed)
        #expect(fixture.submit(put(users.id, keys[0], 100)) == .expired)
        #expect(fixture.submit(repair(keys[0], 60)) == .committed)
        #expect(fixture.submit(put(users.id, keys[0], 70)) == .expired)
        #expect(fixture.submit(repair(keys[0], 70)) == .committed)
        #expect(fixture.submit(put(users.id, keys[0], 65)) == .superseded(by: version(70)))
        #expect(fixture.submit(put(users.id, keys[1], 101)) == .committed)
        #expect(fixture.submit(purge(80, [])) == .committed)
        #expect(fixture.submit(repair(keys[2], 80)) == .superseded(by: .deleted(at: HybridTimestamp(rawValue: 80))))
        #expect(fixture.submit(repair(keys[2], 81)) == .committed)
        #expect(fixture.submit(put(users.id, keys[3], 80)) == .expired)
        try expect(held: [0: 70, 1: 101, 2: 81], tombstones: 0)
        try fixture.reopen()
        #expect(fixture.submit(put(users.id, keys[3], 80)) == .expired)
        #expect(fixture.store.mark(of: Int(partition)) == mark(100, 80))
    }

    @Test("A late put over a tombstone that may be forgotten elsewhere is expired too, also within one batch")
    func overTombstone() throws {
        #expect(fixture.submit(delete(users.id, keys[0], 40)) == .committed)
        #expect(fixture.promise(100, partition: partition) == .committed)
        let buried = ReplicaWrite(
            table: users.id, key: itemKey(keys[1]), item: delete(users.id, keys[1], 30).item, isRepair: true)
        #expect(fixture.submit([put(users.id, keys[0], 50), buried, put(users.id, keys[1], 31)]) == [
            .expired, .committed, .expired,
        ])
        #expect(fixture.submit(delete(users.id, keys[2], 99)) == .expired)
        #expect(fixture.submit(put(users.id, keys[0], 101)) == .committed)
        try expect(held: [0: 101, 1: 30], tombstones: 1)
    }

    @Test("Other partitions are not concerned")
    func otherPartitions() throws {
        #expect(fixture.promise(100, partition: partition) == .committed)
        let other = try #require((0..<100).map { "x\($0)" }.first {
            KeyPlace(key: itemKey($0), partitions: 16).partition != partition
        })
        #expect(fixture.submit(put(users.id, other, 1)) == .committed)
    }

    @Test("Marks only rise; a lower promise or purge counts as done")
    func monotone() throws {
        #expect(fixture.promise(100, partition: partition) == .committed)
        #expect(fixture.promise(90, partition: partition) == .committed)
        #expect(fixture.store.mark(of: Int(partition)) == mark(100, 0))
        #expect(fixture.submit(purge(50, [])) == .committed)
        #expect(fixture.submit(purge(40, [])) == .committed)
        #expect(fixture.store.mark(of: Int(partition)) == mark(100, 50))
        #expect(fixture.submit(purge(120, [])) == .committed)
        #expect(fixture.store.mark(of: Int(partition)) == mark(120, 120))
        try fixture.reopen()
        #expect(fixture.store.mark(of: Int(partition)) == mark(120, 120))
    }

    @Test("From the moment of a promise no version is stamped that it would refuse, also after a reopening")
    func highestClock() throws {
        fixture.store.submit(promise: HybridTimestamp(rawValue: 1000), partition: 3) { _ in }
        #expect(fixture.store.highestClock == HybridTimestamp(rawValue: 1000))
        #expect(fixture.submit(purge(2000, [])) == .committed)
        #expect(fixture.store.highestClock == HybridTimestamp(rawValue: 2000))
        try fixture.reopen()
        #expect(fixture.store.highestClock == HybridTimestamp(rawValue: 2000))
        #expect(fixture.store.mark(of: 3) == mark(1000, 0))
    }

    @Test("A row that cannot be read refuses the purge, and nothing of it is done")
    func damage() throws {
        _ = fixture.submit([delete(users.id, keys[0], 1), delete(users.id, keys[1], 1)])
        try fixture.reopen { database in
            let batch = WriteBatch()
            batch.put(
                database.handle(.items), key: RowKey.item(users.id, Array(keys[1].utf8)), value: [0])
            try database.write(batch, synced: true)
        }
        let answer = fixture.submit(purge(9, [(keys[0], 1), (keys[1], 1)]))
        if case .refused(.inputOutput) = answer {} else { Issue.record("the purge was answered \(answer)") }
        #expect(fixture.store.mark(of: Int(partition)) == PurgeMark())
        #expect(try fixture.read(users.id, keys[0]) != nil)
        #expect(fixture.store.summary(of: users.id).tombstones == 2)
    }
}
