internal import Base
package import Cluster

/// Reads that may wait for the disk, for worker threads; any number at once. Each call sees one moment of the store;
/// while the database is being reopened, it waits.
package struct StoreReader: Sendable {
    let engine: Engine
    let leaves: SharedLeaves

    /// Nil: absent, for sure. A tombstone is an item. Throws `tableDeleted` rather than call absent what went with its
    /// table.
    package func read(_ table: TableID, _ key: ItemKey) throws(StoreError) -> StoredItem? {
        let address = ItemAddress(table: table, key: key)
        let item = try engine.read { database throws(StoreError) in
            try database.item(address, tier: .disk)
        }
        if item == nil { try engine.requireKept(table) }
        return item
    }

    /// The next rows of a scan, tombstones among them. The store's own bounds hold where the request's are larger.
    /// Throws `tableDeleted` rather than give what was left of a table that is being deleted.
    package func page(_ request: PageRequest) throws(StoreError) -> Page {
        let page = try engine.read { database throws(StoreError) in
            var walk = PageWalk(request)
            return try walk.page(database)
        }
        try engine.requireKept(request.table.id)
        return page
    }

    /// What a leaf holds, of all tables but those that are being deleted. A row that cannot be read fails the list:
    /// left out, it would be taken for one that is not held.
    package func list(_ request: LeafRequest) throws(StoreError) -> LeafList {
        try engine.read { database throws(StoreError) in
            var walk = LeafWalk(request, in: database)
            for table in leaves.tables(at: request.place) where !walk.isFull {
                do throws(StoreError) {
                    try walk.visit(table)
                } catch {
                    // Files of a table that is being deleted go without regard to who reads them.
                    if engine.isKept(table) { throw error }
                }
                if !engine.isKept(table) { walk.leaveOut(table) }
            }
            return walk.list
        }
    }

    /// The next hints for one member, in the order of their places: at least one if there is any, and no more once
    /// they weigh `maximumBytes`. The store's own bounds hold where those asked for are larger.
    package func hints(
        of target: MemberIndex, after place: RowPlace?, limit: Int, maximumBytes: Int
    ) throws(StoreError) -> [Hint] {
        try engine.read { database throws(StoreError) in
            var walk = HintWalk(limit: limit, maximumBytes: maximumBytes)
            return try walk.hints(of: target, after: place, database)
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
