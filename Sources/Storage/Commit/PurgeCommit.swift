internal import Base
internal import Cluster

// Promising to forget, and forgetting. Both are always synced: other replicas rely on them.

extension Committer {
    /// A promise that is not higher than the held one changes nothing and counts as committed.
    func land(
        promise: HybridTimestamp, partition: UInt16, _ database: Database, _ report: inout CommitReport
    ) -> WriteResult {
        var mark = marks[Int(partition)]
        guard promise > mark.promised else { return .committed }
        mark.promised = promise
        stage(mark, of: partition, database)
        if let failure = write(database, synced: true, &report) { return .failed(failure.message) }
        report.landed = 1
        adopt(mark, of: partition)
        return .committed
    }

    /// The mark rises and the rows go, in one batch; those that have changed since they were named stay.
    func land(_ purge: Purge, _ database: Database, _ report: inout CommitReport) -> WriteResult {
        defer { staging.removeAll() }
        let held = marks[Int(purge.partition)]
        var mark = held
        mark.purged = max(held.purged, purge.mark)
        mark.promised = max(held.promised, mark.purged)
        let gone: [ItemAddress: UInt64]
        do throws(StoreError) {
            gone = try stageRemoval(of: purge, database, &report)
        } catch {
            batch.clear()
            return .refused(.inputOutput("\(error)"))
        }
        if mark != held { stage(mark, of: purge.partition, database) }
        guard !batch.isEmpty else { return .committed }
        if !gone.isEmpty { journal.stage(staging.leaves, in: batch, of: database, stored: leaves.sums) }
        if let failure = write(database, synced: true, &report) { return .failed(failure.message) }
        report.landed = 1
        if mark != held { adopt(mark, of: purge.partition) }
        leaves.apply(staging.leaves)
        for (address, hash) in gone { versions.forget(address, hash: hash) }
        return .committed
    }

    /// The entries that go, with their hashes.
    private func stageRemoval(
        of purge: Purge, _ database: Database, _ report: inout CommitReport
    ) throws(StoreError) -> [ItemAddress: UInt64] {
        var gone: [ItemAddress: UInt64] = [:]
        for row in purge.rows where liveTables.contains(row.table) {
            let place = KeyPlace(key: row.key, partitions: options.partitions)
            precondition(place.partition == purge.partition, "a purge names a row of another partition")
            let address = ItemAddress(table: row.table, key: row.key)
            guard gone[address] == nil else { continue }
            let hash = makeRow(of: address)
            guard let held = try heldMark(of: address, hash: hash, database, &report), held.version == row.version
            else { continue }
            let leaf = LeafAddress(table: row.table, place: place)
            batch.delete(database.handle(.items), key: rowScratch)
            batch.delete(database.handle(.index), key: RowKey.index(leaf, row.key.bytes))
            staging.remove(held, at: address, leaf: leaf, stored: leaves.sums)
            gone[address] = hash
        }
        return gone
    }

    private func stage(_ mark: PurgeMark, of partition: UInt16, _ database: Database) {
        let meta = database.handle(.meta)
        batch.put(meta, key: MetaRow.markKey(partition), value: MetaRow.markValue(mark))
        guard mark.promised > highestClock else { return }
        batch.put(meta, key: MetaRow.clock, value: MetaRow.number(mark.promised.rawValue))
    }

    private func adopt(_ mark: PurgeMark, of partition: UInt16) {
        marks[Int(partition)] = mark
        changes.marks[partition] = mark
        highestClock = max(highestClock, mark.promised)
    }
}
