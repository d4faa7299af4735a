import Base
import Cluster
import Testing

@testable import Storage

@Suite struct RecordTests {
    @Test("An item record is the same item again", arguments: [
        StoredItem(version: version(7, 9), isTombstone: false, value: Array("{}".utf8)),
        StoredItem(version: version(.max, .max), isTombstone: false, value: []),
        StoredItem(version: version(0, 0), isTombstone: true, value: []),
    ])
    func items(item: StoredItem) throws {
        var record: [UInt8] = []
        ItemRecord.append(item, mark: EntryHeader(of: item), to: &record)
        #expect(try ItemRecord.item(record.span) == item)
        #expect(try ItemRecord.mark(record.span) == EntryHeader(of: item))
    }

    @Test("The bytes of an item record are frozen")
    func frozenRecord() {
        var record: [UInt8] = []
        let item = put(TableID(rawValue: 0), "k", 0x0102, #"{"a":1}"#).item
        ItemRecord.append(item, mark: EntryHeader(of: item), to: &record)
        #expect(record.hex == "0000000000000102" + "0000000000000001" + "00" + "c5e3762ffc8453c6" + "7b2261223a317d")
    }

    @Test("The digest of an entry is frozen, and differs by table, key, version, flag and value")
    func frozenDigest() {
        let address = ItemAddress(table: TableID(rawValue: 1), key: itemKey("k"))
        let item = put(address.table, "k", 2, "{}").item
        #expect(EntryHeader(of: item).sums(address).digest.hex == "eb0d83cc5aee7287")
        let others = [
            EntryHeader(of: item).sums(ItemAddress(table: TableID(rawValue: 2), key: itemKey("k"))),
            EntryHeader(of: item).sums(ItemAddress(table: address.table, key: itemKey("l"))),
            EntryHeader(of: put(address.table, "k", 3, "{}").item).sums(address),
            EntryHeader(of: put(address.table, "k", 2, "[]").item).sums(address),
            EntryHeader(of: delete(address.table, "k", 2).item).sums(address),
        ]
        let digests = Set(others.map(\.digest) + [EntryHeader(of: item).sums(address).digest])
        #expect(digests.count == 6)
    }

    @Test("Damage of any kind is named, never read")
    func damage() {
        var record: [UInt8] = []
        let item = put(TableID(rawValue: 0), "k", 1, "value").item
        ItemRecord.append(item, mark: EntryHeader(of: item), to: &record)
        for count in 0..<ItemRecord.headBytes {
            #expect(throws: ItemRecord.Damage.tooShort(bytes: count)) {
                try ItemRecord.item(Array(record[..<count]).span)
            }
        }
        var flags = record
        flags[16] = 2
        #expect(throws: ItemRecord.Damage.unknownFlags(2)) { try ItemRecord.item(flags.span) }
        flags[16] = 1
        #expect(throws: ItemRecord.Damage.tombstoneWithValue(bytes: 5)) { try ItemRecord.item(flags.span) }
        for index in record.indices where index > 16 {
            var bent = record
            bent[index] ^= 0x40
            #expect(throws: ItemRecord.Damage.self) { try ItemRecord.item(bent.span) }
        }
    }

    @Test("Hostile bytes trap no decoder")
    func hostile() {
        var random = SeededRandom(seed: 11)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...56, using: &random)
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            _ = try? ItemRecord.item(bytes.span)
            _ = EntrySums(record: bytes.span)
            _ = RowKey.itemKey(of: bytes.span)
            _ = RowKey.leafAddress(of: bytes.span)
            _ = RowKey.table(of: bytes.span)
            _ = LeafChange.decode(bytes.span)
            _ = RowKey.hintPlace(of: bytes.span)
            _ = RowKey.indexKey(of: bytes.span)
            _ = try? HintRecord.hint(row: bytes.span, record: bytes.span)
            _ = MetaRow.mark(key: MetaRow.markKey(1).span, value: bytes.span)
            _ = MetaRow.totals(key: MetaRow.totalsKey(1).span, value: bytes.span)
            _ = MetaRow.member(key: bytes.span)
            _ = MetaRow.table(key: bytes.span, value: bytes.span)
            _ = MetaRow.table(key: Array("table/a".utf8).span, value: bytes.span)
        }
    }

    @Test("Rows of a table lie in its range and no others do, also for the last table there can be")
    func ranges() {
        for table in [TableID(rawValue: 0), TableID(rawValue: 0x0102), TableID(rawValue: .max)] {
            let range = RowKey.range(of: table)
            let address = LeafAddress(table: table, place: KeyPlace(partition: .max, leaf: 63))
            let longest = String(repeating: "\u{10FFFF}", count: 256)
            let rows = [
                RowKey.item(table, [0]), RowKey.item(table, Array(longest.utf8)), RowKey.leaf(address),
                RowKey.index(address, Array(longest.utf8)),
            ]
            for row in rows {
                #expect(!row.lexicographicallyPrecedes(range.lower))
                #expect(row.lexicographicallyPrecedes(range.upper))
                #expect(RowKey.table(of: row.span) == table)
            }
            let next = RowKey.item(TableID(rawValue: table.rawValue &+ 1), [0])
            #expect(table.rawValue == .max || !next.lexicographicallyPrecedes(range.upper))
        }
    }

    @Test("Leaf and catalog rows are the same again")
    func rows() throws {
        let address = LeafAddress(table: TableID(rawValue: 5), place: KeyPlace(partition: 300, leaf: 63))
        #expect(RowKey.leafAddress(of: RowKey.leaf(address).span) == address)
        let sums = EntrySums(digest: 1, live: 2, tombstones: 3, bytes: 4)
        var record: [UInt8] = []
        sums.append(to: &record)
        #expect(EntrySums(record: record.span) == sums)
        var entry: [UInt8] = []
        let changes = [LeafChange(address: address, sums: sums), LeafChange(address: address, sums: EntrySums())]
        for change in changes { change.append(to: &entry) }
        #expect(LeafChange.decode(entry.span) == changes)
        #expect(LeafChange.decode(Array(entry.dropLast()).span) == nil)
        for state in [try table("a.b-c_1"), try table("x", generation: .max, isDeleted: true)] {
            let value = MetaRow.tableValue(state)
            #expect(MetaRow.table(key: MetaRow.tableKey(state.name).span, value: value.span) == state)
        }
    }
}

extension [UInt8] {
    var hex: String { map { UInt64($0).hex.suffix(2) }.joined() }
}
