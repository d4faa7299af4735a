import Base
import Cluster
import Testing

@testable import Storage

@Suite struct TableDeletionTests {
    private let fixture: StoreFixture
    private let first: TableState
    private let other: TableState

    init() throws {
        fixture = try StoreFixture()
        first = try table("users")
        other = try table("other")
        fixture.submit(first)
        fixture.submit(other)
        _ = fixture.submit((0..<100).map { put(first.id, "k\($0)", 5, "old") } + [put(other.id, "k1", 5, "kept")])
    }

    private func deleted(_ state: TableState) throws -> TableState {
        try table(state.name.description, generation: state.generation, isDeleted: true)
    }

    /// Expects that the dropped table has no rows. If `reportsDeletion` is true, the store has processed the deletion
    /// itself and every read reports it; a store opened later finds nothing.
    private func expectDropped(reportsDeletion: Bool) throws {
        #expect(fixture.store.summary(of: first.id).total == EntrySums())
        if reportsDeletion {
            #expect(throws: StoreError.tableDeleted) { try fixture.read(first.id, "k1") }
            #expect(fixture.store.peek(first.id, itemKey("k1")) == .failed(.tableDeleted))
        } else {
            #expect(try fixture.read(first.id, "k1") == nil)
            #expect(fixture.store.peek(first.id, itemKey("k1")) == .absent)
        }
        #expect(try entriesOfFirst().isEmpty)
        #expect(try fixture.read(other.id, "k1")?.value == Array("kept".utf8))
        #expect(fixture.store.summary(of: other.id).live == 1)
    }

    /// Scans the dropped table. A store that has processed the deletion itself throws, which counts as no entries; a
    /// store opened later finds nothing.
    private func entriesOfFirst() throws -> [Page.Entry] {
        do {
            return try fixture.store.reader.page(PageRequest(table: first)).entries
        } catch StoreError.tableDeleted {
            return []
        }
    }

    @Test("A scan that continues after the deletion fails, so that it is not taken for a complete one")
    func scanDuringDeletion() throws {
        #expect(fixture.submit(try deleted(first)) == .committed)
        #expect(throws: StoreError.tableDeleted) {
            try fixture.store.reader.page(PageRequest(table: first))
        }
    }

    @Test("A deleted table's rows are removed, and writes with its id change nothing")
    func deletion() throws {
        #expect(fixture.submit(try deleted(first)) == .committed)
        try expectDropped(reportsDeletion: true)
        #expect(fixture.submit(put(first.id, "late", 9)) == .tableDeleted)
        try fixture.reopen()
        try expectDropped(reportsDeletion: false)
        #expect(fixture.submit(put(first.id, "late", 9)) == .tableDeleted)
        #expect(Set(fixture.store.tables) == [try deleted(first), other])
    }

    @Test("A table that is created again has none of its old rows")
    func recreation() throws {
        fixture.submit(try deleted(first))
        let second = try table("users", generation: 2)
        fixture.submit(second)
        #expect(try fixture.store.reader.page(PageRequest(table: second)).entries.isEmpty)
        #expect(fixture.submit(put(second.id, "k1", 1, "new")) == .committed)
        #expect(fixture.store.summary(of: second.id).live == 1)
        #expect(fixture.submit(put(first.id, "k1", 9)) == .tableDeleted)
    }

    @Test("A later generation drops the earlier table, even if its deletion was never received")
    func skippedDeletion() throws {
        fixture.submit(try table("users", generation: 2))
        try expectDropped(reportsDeletion: true)
        fixture.submit(try deleted(first))
        try fixture.reopen()
        #expect(fixture.store.tables.contains(try table("users", generation: 2)))
    }

    @Test("Writes queued around a deletion are judged by the catalog at their place in the queue")
    func order() throws {
        var results: [WriteResult] = []
        let second = try table("users", generation: 2)
        fixture.store.submit(put(first.id, "x", 1)) { results.append($0) }
        fixture.store.submit(try deleted(first)) { results.append($0) }
        fixture.store.submit(put(first.id, "y", 1)) { results.append($0) }
        fixture.store.submit(second) { results.append($0) }
        fixture.store.submit(put(second.id, "z", 1)) { results.append($0) }
        while results.count < 5 { fixture.iterate() }
        #expect(results == [.committed, .committed, .tableDeleted, .committed, .committed])
        #expect(fixture.store.summary(of: second.id).live == 1)
    }

    @Test("A deletion interrupted by a crash is finished when the store is opened")
    func interrupted() throws {
        let state = try deleted(first)
        try fixture.reopen { database in
            let batch = WriteBatch()
            batch.put(
                database.handle(.meta), key: MetaRow.tableKey(state.name), value: MetaRow.tableValue(state))
            try database.write(batch, synced: true)
        }
        try expectDropped(reportsDeletion: false)
        for family in DroppedTableCleanup.families {
            try fixture.reopen { database in
                let range = RowKey.range(of: first.id)
                let rows = database.rows(family, lower: range.lower, upper: range.upper)
                rows.seekToFirst()
                #expect(!rows.isAtRow)
            }
        }
    }
}
