import Base
import Cluster
import Testing

@testable import Storage

@Suite struct LeafListTests {
    private let fixture: StoreFixture
    private let tables: [TableState]
    private let keys: [String]
    private let place: KeyPlace

    init() throws {
        var options = StoreFixture.smallOptions
        options.partitions = 2
        fixture = try StoreFixture(options: options)
        tables = [try table("a"), try table("b"), try table("empty"), try table("c")].sorted { $0.id < $1.id }
        keys = keysOfOneLeaf(7, partitions: 2)
        place = KeyPlace(key: itemKey(keys[0]), partitions: 2)
        for state in tables { fixture.submit(state) }
        for state in filled {
            _ = fixture.submit(keys.enumerated().map { index, key in
                index == 2 ? delete(state.id, key, 9) : put(state.id, key, UInt64(index) + 1, "value")
            })
            _ = fixture.submit((0..<40).map { put(state.id, "other\($0)", 1) })
        }
    }

    private var filled: [TableState] { tables.filter { $0.name.description != "empty" } }

    private func places(_ tables: [TableState]) -> [RowPlace] {
        tables.flatMap { table in
            keys.map { RowPlace(table: table.id, key: itemKey($0)) }
        }.sorted()
    }

    private func isOurs(_ row: LeafList.Row) -> Bool { keys.map(itemKey).contains(row.place.key) }

    private func list(limit: Int) throws -> (rows: [LeafList.Row], pages: Int) {
        var request = LeafRequest(place, limit: limit)
        var rows: [LeafList.Row] = []
        var pages = 0
        while true {
            let list = try fixture.store.reader.list(request)
            pages += 1
            rows += list.rows
            guard list.hasMore else { return (rows, pages) }
            request.after = try #require(list.rows.last).place
        }
    }

    @Test("A list has all rows of its leaf and no others, ordered by table and key, with their versions and checksums")
    func complete() throws {
        let rows = try list(limit: 1000).rows
        #expect(rows.map(\.place) == rows.map(\.place).sorted())
        #expect(rows.filter(isOurs).map(\.place) == places(filled))
        #expect(rows.allSatisfy { KeyPlace(key: $0.place.key, partitions: 2) == place })
        for row in rows.filter(isOurs) {
            let item = try #require(try fixture.store.reader.read(row.place.table, row.place.key))
            #expect(row.held == HeldVersion(
                    version: item.version, isTombstone: item.isTombstone, checksum: item.checksum))
        }
    }

    @Test("Pages of any size together hold all rows, and no page follows a last page that is exactly full")
    func pages() throws {
        let all = try list(limit: 1000).rows
        for limit in 1...(all.count + 1) {
            let (rows, pages) = try list(limit: limit)
            #expect(rows == all, "limit \(limit)")
            #expect(pages == (all.count + limit - 1) / limit, "limit \(limit)")
        }
        for limit in [Int.min, 0] {
            #expect(try fixture.store.reader.list(LeafRequest(place, limit: limit)).rows.count == 1)
        }
        #expect(try fixture.store.reader.list(LeafRequest(place, limit: .max)).rows == all)
    }

    @Test("A list continues after a row that was purged meanwhile, and skips a dropped table")
    func changing() throws {
        let all = try list(limit: 1000).rows
        let first = try #require(all.first)
        let purge = Purge(
            partition: place.partition, mark: HybridTimestamp(rawValue: 50),
            rows: [Purge.Row(table: first.place.table, key: first.place.key, version: first.held.version)])
        #expect(fixture.submit(purge) == .committed)
        let request = LeafRequest(place, after: first.place, limit: 1000)
        #expect(try fixture.store.reader.list(request).rows == Array(all.dropFirst()))
        #expect(try list(limit: 1000).rows == Array(all.dropFirst()))
        let dropped = filled[1]
        fixture.submit(try table(dropped.name.description, isDeleted: true))
        #expect(try list(limit: 2).rows == all.dropFirst().filter { $0.place.table != dropped.id })
    }

    @Test("An index row without a record fails the list, and so does a damaged record", arguments: [true, false])
    func damage(isMissing: Bool) throws {
        try fixture.reopen { database in
            let batch = WriteBatch()
            let row = RowKey.item(filled[0].id, Array(keys[3].utf8))
            if isMissing {
                batch.delete(database.handle(.items), key: row)
            } else {
                batch.put(database.handle(.items), key: row, value: [1, 2, 3])
            }
            try database.write(batch, synced: true)
        }
        #expect { try self.list(limit: 1000) } throws: { error in
            if case .damaged = error as? StoreError { true } else { false }
        }
    }

    @Test("A list is consistent while rows are written and purged")
    func consistency() throws {
        let reader = fixture.store.reader
        let (users, key) = (filled[0], keys[1])
        for clock in 100..<140 as Range<UInt64> {
            fixture.store.submit(put(users.id, key, clock)) { _ in }
            let row = Purge.Row(table: users.id, key: itemKey(key), version: version(clock))
            let purge = Purge(partition: place.partition, mark: HybridTimestamp(rawValue: clock), rows: [row])
            fixture.store.submit(purge) { _ in }
            for _ in 0..<5 { #expect(try reader.list(LeafRequest(place, limit: 1000)).rows.count >= 20) }
        }
        #expect(fixture.submit(put(users.id, key, 999)) == .committed)
    }
}
