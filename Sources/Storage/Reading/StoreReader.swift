internal import Base
package import Cluster

/// Reads that may block on the disk, for any number of worker threads at once. Each call reads one consistent state of
/// the database. Calls block while the database is being reopened.
package struct StoreReader: Sendable {
    let engine: Engine
    let leaves: SharedLeaves

    /// Reads an item, which may be a tombstone. Nil only if the key is absent; throws `tableDeleted` if it may be
    /// missing because its table is being dropped.
    package func read(_ table: TableID, _ key: ItemKey) throws(StoreError) -> StoredItem? {
        let address = ItemAddress(table: table, key: key)
        let item = try engine.read { database throws(StoreError) in
            try database.item(address, tier: .disk)
        }
        if item == nil { try engine.requireNotDropped(table) }
        return item
    }

    /// Reads the next page of a scan, tombstones included. `StorageLimits` caps the request's limits. Throws
    /// `tableDeleted` if the table is being dropped, because the page may lack rows.
    package func page(_ request: PageRequest) throws(StoreError) -> Page {
        let page = try engine.read { database throws(StoreError) in
            var scan = PageScan(request)
            return try scan.page(database)
        }
        try engine.requireNotDropped(request.table.id)
        return page
    }

    /// Lists the entries of a leaf, of all tables except those being dropped. A row that cannot be read fails the whole
    /// list, because anti-entropy takes a row missing from the list for one that this replica does not have.
    package func list(_ request: LeafRequest) throws(StoreError) -> LeafList {
        try engine.read { database throws(StoreError) in
            var scan = LeafScan(request, in: database)
            for table in leaves.tables(at: request.place) where !scan.isFull {
                do throws(StoreError) {
                    try scan.visit(table)
                } catch {
                    // The files of a table being dropped are unlinked even while a snapshot reads them.
                    if !engine.isDropped(table) { throw error }
                }
                if engine.isDropped(table) { scan.exclude(table) }
            }
            return scan.list
        }
    }

    /// Reads the next hints for one member, in the order of their places: at least one if there is any, and none after
    /// those read weigh `maximumBytes`. `StorageLimits` caps both limits.
    package func hints(
        of target: MemberIndex, after place: RowPlace?, limit: Int, maximumBytes: Int
    ) throws(StoreError) -> [Hint] {
        try engine.read { database throws(StoreError) in
            var scan = HintScan(limit: limit, maximumBytes: maximumBytes)
            return try scan.hints(of: target, after: place, database)
        }
    }
}

extension Database {
    func item(_ address: ItemAddress, tier: Tier) throws(StoreError) -> StoredItem? {
        let row = RowKey.item(address.table, address.key.bytes)
        return try get(.items, row, tier: tier, failed: StoreError.init) {
            (record: Span<UInt8>) throws(StoreError) in
            do throws(ItemRecord.Damage) {
                return try ItemRecord.item(record)
            } catch {
                throw StoreError(error, of: address)
            }
        }
    }
}
