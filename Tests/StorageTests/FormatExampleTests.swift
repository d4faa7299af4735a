import Base
import Cluster
import Testing

@testable import Storage

/// The example of docs/storage-format.md, byte for byte. A change here needs a new format number.
@Suite struct FormatExampleTests {
    private func rows(_ family: Family, _ database: Database) -> [String] {
        let rows = database.rows(family, lower: [], upper: [UInt8](repeating: 0xFF, count: 12))
        var found: [String] = []
        rows.seekToFirst()
        while rows.isAtRow {
            found.append(rows.withRow { "\(Array(copying: $0).hex) -> \(Array(copying: $1).hex)" })
            rows.step(reverse: false)
        }
        return found
    }

    @Test("A directory with one table and one item has exactly these rows")
    func example() throws {
        var options = StoreFixture.smallOptions
        options.partitions = 256
        let fixture = try StoreFixture(options: options)
        let users = try table("users")
        fixture.submit(users)
        let clock = HybridTimestamp(milliseconds: 1_800_000_000_000)
        let item = StoredItem(
            version: Version(clock: clock, writeID: 0x1122_3344_0000_0000), isTombstone: false,
            value: Array(#"{"name":"Ada"}"#.utf8))
        _ = fixture.submit(ReplicaWrite(table: users.id, key: itemKey("user:1"), item: item))
        let storeID = fixture.store.storeID
        try fixture.reopen { database in
            let meta = rows(.meta, database)
            let (uptime, store) = ("757074696d65 -> ", "73746f7265 -> ")
            #expect(meta.filter { !$0.hasPrefix(store) && !$0.hasPrefix(uptime) } == [
                "626f6f74 -> 0000000000000001",
                "636c6f636b -> 01a3185c50000000",
                "666f726d6174 -> 00000001",
                "6c65617665732f0000000000000000 -> 84248fa9412a0d50003b01"
                    + "727e8a309746137a000000000000000100000000000000000000000000000014",
                "6e6f6465 -> 6e6f64652d31",
                "706172746974696f6e73 -> 00000100",
                "7461626c652f7573657273 -> 000000000000000100000001a3185c5000",
            ])
            #expect(meta.contains("\(store)\(storeID)"))
            #expect(meta.filter { $0.hasPrefix(uptime) }.map(\.count) == [uptime.count + 16])
            #expect(rows(.items, database) == [
                "84248fa9412a0d50757365723a31 -> 01a3185c500000001122334400000000003edca991b2619868"
                    + "7b226e616d65223a22416461227d"
            ])
            #expect(rows(.index, database) == ["84248fa9412a0d50003b01757365723a31 -> "])
            for family in [Family.unused, .leaves, .hints] { #expect(rows(family, database).isEmpty) }
        }
    }
}
