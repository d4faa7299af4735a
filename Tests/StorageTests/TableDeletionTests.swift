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

    /// A store that has seen the deletion says so of every row; one that was opened after it knows of no such table.
    private func expectGone(isTold: Bool) throws {
        #expect(fixture.store.summary(of: first.id).total == EntrySums())
        if isTold {
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

    /// A store that has seen the deletion gives no page; one that was opened after it knows of no such table.
    private func entriesOfFirst() throws -> [Page.Entry] {
        do {
            return try fixture.store.reader.page(PageRequest(table: first)).entries
        } catch StoreError.tableDeleted {
            return []
        }
    }

    @Test("A scan that goes on after the deletion is told, so that it is not taken for the whole table")
    func scanMeetsDeletion() throws {
        #expect(fixture.submit(try deleted(first)) == .committed)
        #expect(throws: StoreError.tableDeleted) {
            try fixture.store.reader.page(PageRequest(table: first))
        }
    }

    @Test("A deleted table's rows are gone, and writes that still bear its id change nothing")
    func deletion() throws {
        #expect(fixture.submit(try deleted(first)) == .committed)
        try expectGone(isTold: true)
        #expect(fixture.submit(put(first.id, "late", 9)) == .tableDeleted)
        try fixture.reopen()
        try expectGone(isTold: false)
        #expect(fixture.submit(put(first.id, "late", 9)) == .tableDeleted)
        #expect(Set(fixture.store.tables) == [try deleted(first), other])
    }

    @Test("A table made again shows nothing of its past")
    func madeAgain() throws {
        fixture.submit(try deleted(first))
        let second = try table("users", generation: 2)
        fixture.submit(second)
        #expect(try fixture.store.reader.page(PageRequest(table: second)).entries.isEmpty)
        #expect(fixture.submit(put(second.id, "k1", 1, "new")) == .committed)
        #expect(fixture.store.summary(of: second.id).live == 1)
        #expect(fixture.submit(put(first.id, "k1", 9)) == .tableDeleted)
    }

    @Test("A later generation ends the former table even if its deletion was never heard of")
    func skippedDeletion() throws {
        fixture.submit(try table("users", generation: 2))
        try expectGone(isTold: true)
        fixture.submit(try deleted(first))
        try fixture.reopen()
        #expect(fixture.store.tables.contains(try table("users", generation: 2)))
    }

    @Test("Writes queued around a deletion meet the catalog of their turn")
    func order() throws {
        var results: [WriteResult] = []
        let second = try table("users", generation: 2)
        fixture.store.submit(put(first.id, "x", 1)) { results.append($0) }
        fixture.store.submit(try deleted(first)) { results.append($0) }
        fixture.store.submit(put(first.id, "y", 1)) { results.append($0) }
        fixture.store.submit(second) { results.append($0) }
        fixture.store.submit(put(second.id, "z", 1)) { results.append($0) }
        while results.count < 5 { fixture.turn() }
        #expect(results == [.committed, .committed, .tableDeleted, .committed, .committed])
        #expect(fixture.store.summary(of: second.id).live == 1)
    }

    @Test("A deletion that a crash cut short is finished at the opening")
    func halfDone() throws {
        let state = try deleted(first)
        try fixture.reopen { database in
            let batch = WriteBatch()
            batch.put(
                database.handle(.meta), key: MetaRow.tableKey(state.name), value: MetaRow.tableValue(state))
            try database.write(batch, synced: true)
        }
        try expectGone(isTold: false)
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
