internal import Base
internal import Cluster

// Judging and landing writes of items.

extension Committer {
    func landItems(
        _ commands: ArraySlice<CommitCommand>, _ database: Database, _ report: inout CommitReport
    ) -> [WriteResult] {
        var results: [WriteResult] = []
        results.reserveCapacity(commands.count)
        for case .item(let write) in commands {
            results.append(judge(write, database, &report))
        }
        precondition(results.count == commands.count, "a batch of items held something else")
        if !batch.isEmpty, let failure = writeItems(database, &report) {
            // Even "superseded" may have meant an operation of this very batch.
            results = results.map { $0.isCertain ? $0 : .failed(failure.message) }
        }
        staging.removeAll()
        return results
    }

    private func judge(_ write: ReplicaWrite, _ database: Database, _ report: inout CommitReport) -> WriteResult {
        guard liveTables.contains(write.table) else { return .tableDeleted }
        let address = ItemAddress(table: write.table, key: write.key)
        rowScratch.removeAll(keepingCapacity: true)
        RowKey.appendItem(write.table, write.key.bytes, to: &rowScratch)
        let hash = xxh3(rowScratch)
        let held: EntryMark?
        do throws(StoreError) {
            held = try heldMark(of: address, hash: hash, database, &report)
        } catch {
            return .refused(.inputOutput("\(error)"))
        }
        let mark = EntryMark(of: write.item)
        if let held, mark.conflicts(with: held) { report.conflicts += 1 }
        if let held, !mark.replaces(held) { return .superseded(by: held.version) }
        stage(write, mark, replacing: held, at: address, database)
        versions.keep(mark, of: address, hash: hash)
        report.landed += 1
        report.bytes += write.key.bytes.count + write.item.value.count
        return .committed
    }

    /// The one look-up that decides: earlier operations of this batch, then memory, then RocksDB.
    private func heldMark(
        of address: ItemAddress, hash: UInt64, _ database: Database, _ report: inout CommitReport
    ) throws(StoreError) -> EntryMark? {
        if let mark = versions.mark(of: address, hash: hash) ?? staging.mark(of: address) { return mark }
        report.lookups += 1
        return try database.get(.items, rowScratch, tier: .disk, failed: StoreError.init) {
            (record: Span<UInt8>) throws(StoreError) in
            do throws(ItemRecord.Damage) {
                return try ItemRecord.mark(record)
            } catch {
                throw StoreError(error, of: address)
            }
        }
    }

    private func stage(
        _ write: ReplicaWrite, _ mark: EntryMark, replacing held: EntryMark?, at address: ItemAddress,
        _ database: Database
    ) {
        let leaf = LeafAddress(
            table: write.table, place: KeyPlace(key: write.key, partitions: options.partitions))
        staging.replace(held, by: mark, at: address, leaf: leaf, stored: leaves.sums)
        recordScratch.removeAll(keepingCapacity: true)
        ItemRecord.append(write.item, mark: mark, to: &recordScratch)
        batch.put(database.handle(.items), key: rowScratch, value: recordScratch)
        if held == nil {
            batch.put(database.handle(.index), key: RowKey.index(leaf, write.key.bytes), value: [])
        }
    }

    private func writeItems(_ database: Database, _ report: inout CommitReport) -> RocksFailure? {
        journal.stage(staging.leaves, in: batch, of: database, stored: leaves.sums)
        if staging.highestClock > highestClock {
            batch.put(
                database.handle(.meta), key: MetaRow.clock, value: MetaRow.number(staging.highestClock.rawValue))
        }
        if let failure = write(database, synced: options.sync == .always, &report) {
            versions.forgetAll()
            return failure
        }
        highestClock = max(highestClock, staging.highestClock)
        leaves.apply(staging.leaves)
        return nil
    }
}

extension WriteResult {
    /// Whether it holds whatever becomes of the batch.
    fileprivate var isCertain: Bool {
        switch self {
        case .tableDeleted, .refused: true
        case .committed, .superseded, .failed: false
        }
    }
}

extension StoreError {
    init(_ failure: RocksFailure) {
        self = failure.isCorruption ? .damaged(failure.message) : .inputOutput(failure.message)
    }

    init(_ damage: ItemRecord.Damage, of address: ItemAddress) {
        let key = String(repairing: address.key.bytes.span)
        self = .damaged("the record of key \(key) in table \(address.table.rawValue.hex): \(damage)")
    }
}
