internal import Base
internal import Cluster

/// Lists the entries of one leaf, table by table. It reads the index and the items in one snapshot, so that an entry
/// purged meanwhile is in both or in neither.
struct LeafScan {
    private let request: LeafRequest
    private let database: Database
    private let snapshot: Snapshot
    private let limit: Int
    /// The entries read from the leaf so far: at most `limit`, plus one, which shows that the leaf has more.
    private var rows: [LeafList.Row] = []

    init(_ request: LeafRequest, in database: Database) {
        self.request = request
        self.database = database
        snapshot = database.snapshot()
        limit = min(max(request.limit, 1), StorageLimits.leafRows)
    }

    var isFull: Bool { rows.count > limit }

    var list: LeafList { LeafList(rows: Array(rows.prefix(limit)), hasMore: isFull) }

    /// Reads the entries that one table has in this leaf and appends them to the list. Requires: tables are visited in
    /// ascending order.
    mutating func visit(_ table: TableID) throws(StoreError) {
        if let after = request.after, table < after.table { return }
        let leaf = LeafAddress(table: table, place: request.place)
        let lower = request.after.flatMap { $0.table == table ? RowKey.index(leaf, $0.key.bytes) + [0] : nil }
        let prefix = RowKey.leaf(leaf)
        let index = database.rows(.index, lower: lower ?? prefix, upper: prefix + [0xFF], at: snapshot)
        index.seekToFirst()
        while index.isAtRow, !isFull {
            let key = index.withRow { row, _ in RowKey.indexKey(of: row) }
            guard let key else {
                throw .damaged("an index row of table \(table.rawValue.hex) has an invalid key")
            }
            rows.append(try row(RowPlace(table: table, key: key)))
            index.step(reverse: false)
        }
        do throws(RocksFailure) {
            try index.check()
        } catch {
            throw StoreError(error)
        }
    }

    /// Removes a table's entries from the list, because the table is being dropped.
    mutating func exclude(_ table: TableID) {
        rows.removeAll { $0.place.table == table }
    }

    private func row(_ place: RowPlace) throws(StoreError) -> LeafList.Row {
        let address = ItemAddress(table: place.table, key: place.key)
        let header = try database.header(
            of: address, row: RowKey.item(place.table, place.key.bytes), tier: .snapshot(snapshot))
        guard let header else {
            let key = String(repairing: place.key.bytes.span)
            throw .damaged("key \(key) of table \(place.table.rawValue.hex) is in the index but has no record")
        }
        return LeafList.Row(place: place, held: header.heldVersion)
    }
}

extension Database {
    /// Reads the header of an entry without its value. Requires: `row` is the entry's key in `items`.
    func header(of address: ItemAddress, row: [UInt8], tier: Tier) throws(StoreError) -> EntryHeader? {
        try get(.items, row, tier: tier, failed: StoreError.init) { (record: Span<UInt8>) throws(StoreError) in
            do throws(ItemRecord.Damage) {
                return try ItemRecord.header(record)
            } catch {
                throw StoreError(error, of: address)
            }
        }
    }
}
