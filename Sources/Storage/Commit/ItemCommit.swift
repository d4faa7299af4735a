internal import Base
internal import Cluster

// Judging and landing writes of items, and what shares their batches.

extension Committer {
    /// `refusal` is what becomes of commands that need room.
    func landTogether(
        _ commands: ArraySlice<CommitCommand>, refusing refusal: WriteRefusal?, _ database: Database,
        _ report: inout CommitReport
    ) -> [WriteResult] {
        var results: [WriteResult] = []
        results.reserveCapacity(commands.count)
        for command in commands {
            if let refusal, !command.freesSpace {
                results.append(.refused(refusal))
            } else {
                results.append(judge(command, database, &report))
            }
        }
        if !batch.isEmpty, let failure = writeStaged(database, &report) {
            // Even "superseded" may have meant an operation of this very batch.
            results = results.map { $0.isCertain ? $0 : .failed(failure.message) }
        }
        staging.removeAll()
        return results
    }

    private func judge(_ command: CommitCommand, _ database: Database, _ report: inout CommitReport) -> WriteResult {
        switch command {
        case .item(let write): judge(write, database, &report)
        case .hint(let hint): judge(hint, database, &report)
        case .settle(let hints): settle(hints, database, &report)
        case .table, .row, .storeID, .promise, .purge:
            preconditionFailure("a batch of items and hints held something else")
        }
    }

    private func judge(_ write: ReplicaWrite, _ database: Database, _ report: inout CommitReport) -> WriteResult {
        guard liveTables.contains(write.table) else { return .tableDeleted }
        let address = ItemAddress(table: write.table, key: write.key)
        let hash = makeRow(of: address)
        let held: EntryHeader?
        do throws(StoreError) {
            held = try heldMark(of: address, hash: hash, database, &report)
        } catch {
            return .refused(.inputOutput("\(error)"))
        }
        let mark = EntryHeader(of: write.item)
        if let held, mark.conflicts(with: held) { report.conflicts += 1 }
        if let held, !mark.replaces(held) { return .superseded(by: held.version) }
        let place = KeyPlace(key: write.key, partitions: options.partitions)
        let promised = marks[Int(place.partition)]
        if write.item.version.clock <= promised.promised,
            let verdict = promised.verdict(on: write, held: held?.heldVersion)
        { return verdict }
        let leaf = LeafAddress(table: write.table, place: place)
        stage(write, mark, replacing: held, at: address, leaf: leaf, database)
        versions.keep(mark, of: address, hash: hash)
        report.landed += 1
        report.bytes += write.key.bytes.count + write.item.value.count
        return .committed
    }

    /// Leaves the key of the entry's row in `rowScratch`; its hash.
    func makeRow(of address: ItemAddress) -> UInt64 {
        rowScratch.removeAll(keepingCapacity: true)
        RowKey.appendItem(address.table, address.key.bytes, to: &rowScratch)
        return xxh3(rowScratch)
    }

    /// The one look-up that decides: earlier operations of this batch, then memory, then RocksDB. Requires: the row's
    /// key is in `rowScratch`.
    func heldMark(
        of address: ItemAddress, hash: UInt64, _ database: Database, _ report: inout CommitReport
    ) throws(StoreError) -> EntryHeader? {
        if let mark = versions.mark(of: address, hash: hash) ?? staging.mark(of: address) { return mark }
        report.lookups += 1
        return try database.mark(of: address, row: rowScratch, tier: .disk)
    }

    private func stage(
        _ write: ReplicaWrite, _ mark: EntryHeader, replacing held: EntryHeader?, at address: ItemAddress,
        leaf: LeafAddress, _ database: Database
    ) {
        staging.replace(held, by: mark, at: address, leaf: leaf, stored: leaves.sums)
        recordScratch.removeAll(keepingCapacity: true)
        ItemRecord.append(write.item, mark: mark, to: &recordScratch)
        batch.put(database.handle(.items), key: rowScratch, value: recordScratch)
        if held == nil {
            batch.put(database.handle(.index), key: RowKey.index(leaf, write.key.bytes), value: [])
        }
    }

    private func writeStaged(_ database: Database, _ report: inout CommitReport) -> RocksFailure? {
        if !staging.leaves.isEmpty {
            journal.stage(staging.leaves, in: batch, of: database, stored: leaves.sums)
        }
        stageHintTotals(database)
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
        adoptHintTotals()
        return nil
    }
}

extension WriteResult {
    /// Whether it holds whatever becomes of the batch.
    fileprivate var isCertain: Bool {
        switch self {
        case .expired, .tableDeleted, .refused: true
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
