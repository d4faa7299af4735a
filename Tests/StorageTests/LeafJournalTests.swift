import Base
import Cluster
import Testing

@testable import Storage

@Suite struct LeafJournalTests {
    private let partitions = 4
    private let tables = [TableID(rawValue: 1), TableID(rawValue: .max)]

    private func randomChange(_ random: inout SeededRandom) -> (LeafAddress, EntrySums) {
        let place = KeyPlace(
            partition: UInt16.random(in: 0..<4, using: &random), leaf: UInt8.random(in: 0..<64, using: &random))
        let address = LeafAddress(table: tables.randomElement(using: &random) ?? tables[0], place: place)
        return (address, EntrySums(digest: random.next(), live: .random(in: 0...9, using: &random)))
    }

    private func expect(
        _ database: Database, toHold model: [LeafAddress: EntrySums], live: [TableID], at step: Int
    ) throws -> LeafJournal {
        let reader = MetaReader(database: database, directory: "")
        var leaves = try reader.leaves(partitions: partitions)
        let journal = try reader.replayJournal(onto: &leaves, live: Set(live))
        for (address, sums) in model { #expect(leaves.sums(of: address) == sums, "step \(step)") }
        for table in tables {
            let expected = model.filter { $0.key.table == table }.values.reduce(0) { $0 + $1.live }
            #expect(leaves.summary(of: table).total.live == expected, "step \(step)")
        }
        return journal
    }

    private func journalRows(_ database: Database) -> Int {
        let rows = database.rows(.meta, lower: MetaRow.leafJournal.lower, upper: MetaRow.leafJournal.upper)
        rows.seekToFirst()
        var count = 0
        while rows.isAtRow {
            count += 1
            rows.step(reverse: false)
        }
        return count
    }

    @Test("Records and journal give the sums of the last batch, whenever one stops, and the journal stays bounded")
    func replay() throws {
        let scratch = try Scratch()
        try withDatabase(scratch.path) { database in
            var random = SeededRandom(seed: 5)
            var model: [LeafAddress: EntrySums] = [:]
            var journal = LeafJournal(limitBytes: 40 * LeafChange.encodedBytes)
            let batch = WriteBatch()
            for step in 0..<600 {
                var changed: [LeafAddress: EntrySums] = [:]
                for _ in 0..<Int.random(in: 1...12, using: &random) {
                    let change = randomChange(&random)
                    changed[change.0] = change.1
                }
                journal.stage(changed, in: batch, of: database) { model[$0] ?? EntrySums() }
                try database.write(batch, synced: false)
                batch.clear()
                model.merge(changed) { $1 }
                guard step % 7 == 0 else { continue }
                _ = try expect(database, toHold: model, live: tables, at: step)
                #expect(journalRows(database) < 120)
            }
        }
    }

    @Test("A forgotten table's leaves are never written again")
    func forgetting() throws {
        let scratch = try Scratch()
        try withDatabase(scratch.path) { database in
            var random = SeededRandom(seed: 6)
            var model: [LeafAddress: EntrySums] = [:]
            var journal = LeafJournal(limitBytes: 40 * LeafChange.encodedBytes)
            let batch = WriteBatch()
            for step in 0..<200 {
                let changes = (0..<8).map { _ in randomChange(&random) }.filter { step < 60 || $0.0.table == tables[1] }
                let changed = Dictionary(changes) { $1 }
                if step == 60 {
                    journal.forget(tables[0])
                    model = model.filter { $0.key.table == tables[1] }
                    DroppedTableCleanup.stage(tables[0], in: batch, of: database)
                }
                journal.stage(changed, in: batch, of: database) { model[$0] ?? EntrySums() }
                try database.write(batch, synced: false)
                batch.clear()
                model.merge(changed) { $1 }
                guard step >= 60 else { continue }
                _ = try expect(database, toHold: model, live: [tables[1]], at: step)
            }
            let dead = RowKey.range(of: tables[0])
            let rows = database.rows(.leaves, lower: dead.lower, upper: dead.upper)
            rows.seekToFirst()
            #expect(!rows.isAtRow)
        }
    }

    @Test("A journal that was found goes on where it stopped")
    func goingOn() throws {
        let scratch = try Scratch()
        try withDatabase(scratch.path) { database in
            var random = SeededRandom(seed: 7)
            var model: [LeafAddress: EntrySums] = [:]
            let batch = WriteBatch()
            var journal = LeafJournal()
            for step in 0..<50 {
                let change = randomChange(&random)
                journal.stage([change.0: change.1], in: batch, of: database) { model[$0] ?? EntrySums() }
                try database.write(batch, synced: false)
                batch.clear()
                model[change.0] = change.1
                journal = try expect(database, toHold: model, live: tables, at: step)
            }
            #expect(journalRows(database) == 50)
        }
    }
}
