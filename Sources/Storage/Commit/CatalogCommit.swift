internal import Cluster

// Landing what is not an item. Such writes are rare, and always synced.

extension Committer {
    /// A state that is not later than the known one changes nothing and counts as committed: what is durable already
    /// says at least as much.
    func land(_ state: TableState, _ database: Database, _ report: inout CommitReport) -> WriteResult {
        let before = catalog.live(state.name)
        var next = catalog
        guard next.merge(state) else { return .committed }
        let dead = before.flatMap { next.live(state.name)?.id == $0.id ? nil : $0.id }
        batch.put(
            database.handle(.meta), key: MetaRow.tableKey(state.name), value: MetaRow.tableValue(state))
        if let dead {
            engine.beginDropping(dead)
            DroppedTableCleanup.stage(dead, in: batch, of: database)
        }
        if let failure = write(database, synced: true, &report) {
            if let dead { engine.keep(dead) }
            return .failed(failure.message)
        }
        report.landed = 1
        catalog = next
        liveTables = next.liveIDs
        if let dead { forget(dead, database) }
        return .committed
    }

    private func forget(_ table: TableID, _ database: Database) {
        leaves.drop(table)
        journal.forget(table)
        do throws(RocksFailure) {
            try DroppedTableCleanup.unlinkFiles(table, database)
        } catch {
            fault = WriteRefusal(error)
        }
    }

    /// No bytes remove a row; but a cluster record of no bytes is one that says so.
    func land(
        _ row: ClusterRow, _ bytes: [UInt8], _ database: Database, _ report: inout CommitReport
    ) -> WriteResult {
        let meta = database.handle(.meta)
        if bytes.isEmpty, row != .record {
            batch.delete(meta, key: MetaRow.key(row))
        } else {
            batch.put(meta, key: MetaRow.key(row), value: bytes)
        }
        report.bytes = bytes.count
        if let failure = write(database, synced: true, &report) { return .failed(failure.message) }
        report.landed = 1
        changes.cluster[row] = bytes
        return .committed
    }

    func land(_ storeID: StoreID, _ database: Database, _ report: inout CommitReport) -> WriteResult {
        batch.put(database.handle(.meta), key: MetaRow.store, value: MetaRow.storeID(storeID))
        if let failure = write(database, synced: true, &report) { return .failed(failure.message) }
        report.landed = 1
        changes.storeID = storeID
        return .committed
    }
}
