internal import Base
internal import Cluster

/// Lists what one leaf holds, table by table. Index and items are read at one moment: a row that is forgotten meanwhile
/// is in both, or in neither.
struct LeafWalk {
    private let request: LeafRequest
    private let database: Database
    private let moment: Snapshot
    private let limit: Int
    /// One more than asked for, if there is more.
    private var rows: [LeafList.Row] = []

    init(_ request: LeafRequest, in database: Database) {
        self.request = request
        self.database = database
        moment = database.snapshot()
        limit = min(max(request.limit, 1), StorageLimits.leafRows)
    }

    var isFull: Bool { rows.count > limit }

    var list: LeafList { LeafList(rows: Array(rows.prefix(limit)), hasMore: isFull) }

    /// Requires: tables come in order.
    mutating func visit(_ table: TableID) throws(StoreError) {
        if let after = request.after, table < after.table { return }
        let leaf = LeafAddress(table: table, place: request.place)
        let lower = request.after.flatMap { $0.table == table ? RowKey.index(leaf, $0.key.bytes) + [0] : nil }
        let prefix = RowKey.leaf(leaf)
        let index = database.rows(.index, lower: lower ?? prefix, upper: prefix + [0xFF], at: moment)
        index.seekToFirst()
        while index.isAtRow, !isFull {
            let key = index.withRow { row, _ in RowKey.indexKey(of: row) }
            guard let key else {
                throw .damaged("an index row of table \(table.rawValue.hex) has no proper key")
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

    /// Takes back what was found of the table: it is being deleted.
    mutating func leaveOut(_ table: TableID) {
        rows.removeAll { $0.place.table == table }
    }

    private func row(_ place: RowPlace) throws(StoreError) -> LeafList.Row {
        let address = ItemAddress(table: place.table, key: place.key)
        let mark = try database.mark(
            of: address, row: RowKey.item(place.table, place.key.bytes), tier: .moment(moment))
        guard let mark else {
            let key = String(repairing: place.key.bytes.span)
            throw .damaged("key \(key) of table \(place.table.rawValue.hex) is in the index, and has no record")
        }
        return LeafList.Row(place: place, held: mark.heldVersion)
    }
}

extension Database {
    /// Of the item whose key in `items` is `row`.
    func mark(of address: ItemAddress, row: [UInt8], tier: Tier) throws(StoreError) -> EntryHeader? {
        try get(.items, row, tier: tier, failed: StoreError.init) { (record: Span<UInt8>) throws(StoreError) in
            do throws(ItemRecord.Damage) {
                return try ItemRecord.mark(record)
            } catch {
                throw StoreError(error, of: address)
            }
        }
    }
}
