internal import Cluster

// Changes of tables, cluster rows and the store id. They are rare, and synced whatever the sync option says.

extension CommitBatch {
    /// Stages a table state. A state that is not later than the known one changes nothing and counts as committed: the
    /// durable state already supersedes it. A state that ends a table's life removes the table's rows in the same
    /// batch.
    mutating func stage(_ table: TableState, against state: CommitState, in database: Database) -> WriteResult {
        let before = state.catalog.live(table.name)
        var catalog = state.catalog
        guard catalog.merge(table) else { return .committed }
        let dropped = before.flatMap { catalog.live(table.name)?.id == $0.id ? nil : $0.id }
        rows.put(
            database.handle(.meta), key: MetaRow.tableKey(table.name), value: MetaRow.tableValue(table))
        if let dropped { DroppedTableCleanup.stage(dropped, in: rows, of: database) }
        staged.setCatalog(catalog, dropping: dropped)
        report.applied += 1
        return .committed
    }

    /// Stages the new contents of a cluster row. Empty bytes remove the row, except that an empty cluster record is
    /// stored.
    mutating func stage(_ row: ClusterRow, _ bytes: [UInt8], in database: Database) -> WriteResult {
        let meta = database.handle(.meta)
        if bytes.isEmpty, row != .record {
            rows.delete(meta, key: MetaRow.key(row))
        } else {
            rows.put(meta, key: MetaRow.key(row), value: bytes)
        }
        staged.setClusterRow(row, bytes)
        report.bytes += bytes.count
        report.applied += 1
        return .committed
    }

    mutating func stage(_ id: StoreID, in database: Database) -> WriteResult {
        rows.put(database.handle(.meta), key: MetaRow.store, value: MetaRow.storeID(id))
        staged.setStoreID(id)
        report.applied += 1
        return .committed
    }
}
