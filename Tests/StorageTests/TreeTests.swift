import Base
import Cluster
import Testing

@testable import Storage

/// The leaf digests that a store must report, computed from the entries that it should hold.
private struct TreeModel {
    static let partitions = 16
    var entries: [ItemAddress: EntryHeader] = [:]

    func roots() -> [UInt64] {
        var roots = [UInt64](repeating: 0, count: Self.partitions)
        for (address, header) in entries { roots[place(address).partition] ^= header.sums(address).digest }
        return roots
    }

    func leaves(of partition: PartitionID) -> [UInt64] {
        var leaves = [UInt64](repeating: 0, count: KeyPlace.leavesPerPartition)
        for (address, header) in entries where place(address).partition == partition {
            leaves[Int(place(address).leaf)] ^= header.sums(address).digest
        }
        return leaves
    }

    func tombstones(of partition: PartitionID) -> Int {
        entries.count { $0.value.isTombstone && place($0.key).partition == partition }
    }

    func place(_ address: ItemAddress) -> KeyPlace { KeyPlace(key: address.key, partitions: Self.partitions) }

    mutating func apply(_ write: ReplicaWrite) {
        entries[ItemAddress(table: write.table, key: write.key)] = EntryHeader(of: write.item)
    }
}

@Suite struct TreeTests {
    private func expect(_ store: Store, toBe model: TreeModel, at step: Int) {
        #expect(store.roots == model.roots(), "step \(step)")
        for partition in (0..<TreeModel.partitions).map({ PartitionID($0) }) {
            #expect(store.leaves(of: partition) == model.leaves(of: partition), "step \(step)")
            #expect(Int(store.tombstones(of: partition)) == model.tombstones(of: partition), "step \(step)")
        }
    }

    private func randomWrites(
        _ tables: [TableState], clock: inout UInt64, _ random: inout SeededRandom
    ) -> [ReplicaWrite] {
        (0..<Int.random(in: 1...30, using: &random)).map { _ in
            clock += 1
            let table = tables.randomElement(using: &random) ?? tables[0]
            let key = "k\(Int.random(in: 0..<80, using: &random))"
            return Bool.random(using: &random)
                ? put(table.id, key, clock, "value \(clock)") : delete(table.id, key, clock)
        }
    }

    /// Returns a purge that lists all entries of a random partition, about half of them with an outdated version.
    private func randomPurge(_ model: TreeModel, clock: UInt64, _ random: inout SeededRandom) -> Purge {
        let partition = PartitionID(Int.random(in: 0..<16, using: &random))
        var rows: [Purge.Row] = []
        for (address, header) in model.entries where model.place(address).partition == partition {
            let isCurrent = Bool.random(using: &random)
            rows.append(
                Purge.Row(table: address.table, key: address.key, version: isCurrent ? header.version : version(0)))
        }
        return Purge(partition: partition, mark: HybridTimestamp(rawValue: clock), rows: rows)
    }

    @Test("Roots, leaves and tombstones stay exact through writes, purges, dropped tables and reopenings")
    func againstModel() throws {
        let fixture = try StoreFixture()
        var tables = [try table("a"), try table("b"), try table("c")]
        for state in tables { fixture.submit(state) }
        var random = SeededRandom(seed: 21)
        var model = TreeModel()
        var clock: UInt64 = 0
        for step in 1...60 {
            let writes = randomWrites(tables, clock: &clock, &random)
            #expect(fixture.submit(writes).allSatisfy { $0 == .committed })
            for write in writes { model.apply(write) }
            if step % 3 == 0 {
                let purge = randomPurge(model, clock: clock, &random)
                #expect(fixture.submit(purge) == .committed)
                for row in purge.rows where row.version != version(0) {
                    model.entries[ItemAddress(table: row.table, key: row.key)] = nil
                }
            }
            if step % 20 == 0 {
                let dropped = tables.removeFirst()
                fixture.submit(try table(dropped.name.description, generation: dropped.generation, isDeleted: true))
                model.entries = model.entries.filter { $0.key.table != dropped.id }
                tables.append(try table(dropped.name.description, generation: dropped.generation + 1))
                fixture.submit(tables[2])
            }
            if step % 7 == 0 { try fixture.reopen() }
            expect(fixture.store, toBe: model, at: step)
        }
        #expect(model.entries.count > 20)
    }

    @Test("All digests of an empty store are zero")
    func empty() throws {
        let fixture = try StoreFixture()
        expect(fixture.store, toBe: TreeModel(), at: 0)
        #expect(fixture.store.leaves(of: 15).count == 64)
    }
}
