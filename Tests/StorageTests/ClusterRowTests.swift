import Base
import Cluster
import Foundation
import Testing

@testable import Storage

@Suite struct ClusterRowTests {
    private let fixture: StoreFixture

    init() throws {
        fixture = try StoreFixture()
    }

    private let rows: [ClusterRow: [UInt8]] = [
        .record: [1, 2], .member("node-1"): [3], .member("knoten-ü"): [4, 5], .recovery: [6],
    ]

    @Test("Rows are there once they are durable, and after a reopening")
    func reopening() throws {
        #expect(fixture.store.clusterRows.isEmpty)
        for (row, bytes) in rows { #expect(fixture.submit(row, bytes) == .committed) }
        #expect(fixture.store.clusterRows == rows)
        try fixture.reopen()
        #expect(fixture.store.clusterRows == rows)
        #expect(fixture.store.clusterRecord == [1, 2])
    }

    @Test("No bytes remove a row, and leave an empty record")
    func removing() throws {
        for (row, bytes) in rows { fixture.submit(row, bytes) }
        for row in [ClusterRow.record, .member("node-1"), .recovery] {
            #expect(fixture.submit(row, []) == .committed)
        }
        let left: [ClusterRow: [UInt8]] = [.record: [], .member("knoten-ü"): [4, 5]]
        #expect(fixture.store.clusterRows == left)
        try fixture.reopen()
        #expect(fixture.store.clusterRows == left)
    }

    @Test("Rows about members, promises and another id never raise the sequence that peers are told; an item does")
    func idleSequence() throws {
        let users = try table("users")
        fixture.submit(users)
        let before = fixture.store.durableSequence
        for (row, bytes) in rows { fixture.submit(row, bytes) }
        #expect(fixture.promise(9, partition: 3) == .committed)
        #expect(fixture.answer { $0.submit(storeID: StoreID(high: 1, low: 2), completion: $1) } == .committed)
        #expect(fixture.store.durableSequence == before)
        #expect(fixture.submit(hint(1, put(users.id, "a", 1))) == .committed)
        let withHint = fixture.store.durableSequence
        #expect(withHint > before)
        #expect(fixture.submit(put(users.id, "a", 10)) == .committed)
        #expect(fixture.store.durableSequence > withHint)
    }

    @Test("Another store id is the directory's own from then on")
    func storeID() throws {
        let other = StoreID(high: 7, low: 8)
        #expect(fixture.store.storeID != other)
        #expect(fixture.answer { $0.submit(storeID: other, completion: $1) } == .committed)
        #expect(fixture.store.storeID == other)
        try fixture.reopen()
        #expect(fixture.store.storeID == other)
        #expect(fixture.store.bootCounter == 2)
    }

    @Test("The time that a store was open goes on where it stopped")
    func uptime() throws {
        try fixture.reopen { database in
            let batch = WriteBatch()
            batch.put(database.handle(.meta), key: MetaRow.uptime, value: MetaRow.number(5_000_000 as UInt64))
            try database.write(batch, synced: true)
        }
        let first = fixture.store.uptimeMilliseconds
        #expect(first >= 5_000_000)
        try fixture.reopen()
        #expect(fixture.store.uptimeMilliseconds >= first)
    }

    @Test("A crash finds the uptime that was written beside the last hint, and none before the first")
    func uptimeAfterCrash() throws {
        let users = try table("users")
        fixture.submit(users)
        #expect(try uptimeRow() == nil)
        fixture.submit(.recovery, [1])
        #expect(try uptimeRow() == nil)
        #expect(fixture.submit(hint(1, put(users.id, "a", 1))) == .committed)
        #expect(try uptimeRow()?.count == 8)
    }

    /// As a copy of the directory has it, taken while the store is open.
    private func uptimeRow() throws -> [UInt8]? {
        let scratch = try Scratch()
        let copy = scratch.path + "/copy"
        try FileManager.default.copyItem(atPath: fixture.directory, toPath: copy)
        var row: [UInt8]?
        try withDatabase(copy) { row = try MetaReader(database: $0, directory: copy).bytes(MetaRow.uptime) }
        return row
    }

    @Test("A row of the directory's own accounts that cannot be read refuses the opening", arguments: [
        ("mark/\u{0}\u{1}", 15), ("mark/\u{0}\u{10}", 16), ("mark/\u{0}", 16), ("hints/\u{0}\u{1}", 47),
        ("hints/\u{0}", 48), ("uptime", 7), ("member/", 1),
    ])
    func damage(key: String, bytes: Int) throws {
        #expect(throws: StoreOpenError.self) {
            try self.open { batch, database in
                batch.put(database.handle(.meta), key: Array(key.utf8), value: Array(repeating: 0, count: bytes))
            }
        }
    }

    @Test("An account of hints that does not close refuses the opening, and so does a mark purged beyond its promise")
    func accounts() throws {
        let counts: [UInt64] = [2, 1, 0, 0, 0, 0]
        #expect(throws: StoreOpenError.self) {
            try self.open { batch, database in
                batch.put(
                    database.handle(.meta), key: MetaRow.totalsKey(1), value: counts.flatMap { MetaRow.number($0) })
            }
        }
        let mark = PurgeMark(promised: HybridTimestamp(rawValue: 1), purged: HybridTimestamp(rawValue: 2))
        #expect(throws: StoreOpenError.self) {
            try self.open { batch, database in
                batch.put(database.handle(.meta), key: MetaRow.markKey(1), value: MetaRow.markValue(mark))
            }
        }
    }

    /// Opens and closes a store of its own after `body` has changed it.
    private func open(_ body: (WriteBatch, Database) -> Void) throws {
        let scratch = try Scratch()
        let directory = scratch.path + "/store"
        try Store(directory: directory, nodeID: "n", options: StoreFixture.smallOptions, wake: {}).close()
        try withDatabase(directory) { database in
            let batch = WriteBatch()
            body(batch, database)
            try database.write(batch, synced: true)
        }
        try Store(directory: directory, nodeID: "n", options: StoreFixture.smallOptions, wake: {}).close()
    }
}
