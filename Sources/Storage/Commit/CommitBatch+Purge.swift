internal import Base
internal import Cluster

// Raising a partition's purge mark, and removing the entries below it. Other replicas rely on both, so both are synced
// whatever the sync option says.

extension CommitBatch {
    /// Adds a purge promise for one partition to the batch: once it is durable, this replica rejects late writes and
    /// hints with versions up to `promise`. A promise that is not above the current one changes nothing and counts as
    /// committed.
    mutating func stage(
        promise: HybridTimestamp, of partition: PartitionID, against state: CommitState, in database: Database
    ) -> WriteResult {
        var mark = state.purgeMarks[partition]
        guard promise > mark.promised else { return .committed }
        mark.promised = promise
        stage(mark, of: partition, in: database)
        report.applied += 1
        return .committed
    }

    /// Stages a purge: raises the partition's purge mark and removes the rows that the purge names, in one batch. A row
    /// stays if its version is no longer the one that the purge names.
    mutating func stage(_ purge: Purge, against state: CommitState, in database: Database) -> WriteResult {
        let current = state.purgeMarks[purge.partition]
        var mark = current
        mark.purged = max(current.purged, purge.mark)
        mark.promised = max(current.promised, mark.purged)
        do throws(StoreError) {
            try stageRemoval(of: purge, against: state, in: database)
        } catch {
            discard()
            return .refused(.inputOutput("\(error)"))
        }
        if mark != current { stage(mark, of: purge.partition, in: database) }
        if !rows.isEmpty { report.applied += 1 }
        return .committed
    }

    private mutating func stageRemoval(
        of purge: Purge, against state: CommitState, in database: Database
    ) throws(StoreError) {
        var removed: Set<ItemAddress> = []
        for row in purge.rows where state.liveTables.contains(row.table) {
            let place = KeyPlace(key: row.key, partitions: options.partitions)
            precondition(place.partition == purge.partition, "a purge names a row of another partition")
            let address = ItemAddress(table: row.table, key: row.key)
            guard !removed.contains(address) else { continue }
            let hash = encodeItemKey(of: address)
            guard let held = try heldHeader(of: address, hash: hash, in: database), held.version == row.version
            else { continue }
            let leaf = LeafAddress(table: row.table, place: place)
            rows.delete(database.handle(.items), key: itemKey)
            rows.delete(database.handle(.index), key: RowKey.index(leaf, row.key.bytes))
            staged.remove(held, at: address, leaf: leaf, stored: state.leaves.sums)
            versions.remove(address, hash: hash)
            removed.insert(address)
        }
    }

    private mutating func stage(_ mark: PurgeMark, of partition: PartitionID, in database: Database) {
        rows.put(
            database.handle(.meta), key: MetaRow.purgeMarkKey(partition), value: MetaRow.purgeMarkValue(mark))
        staged.setPurgeMark(mark, of: partition)
    }
}
