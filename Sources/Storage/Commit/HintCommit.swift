internal import Base
internal import Cluster

// Storing and settling hints, in the batches that items land in. The accounts change in the same batch, so that they
// close at every moment.

extension Committer {
    func judge(_ hint: Hint, _ database: Database, _ report: inout CommitReport) -> WriteResult {
        guard liveTables.contains(hint.write.table) else { return .tableDeleted }
        let address = HintAddress(target: hint.target, place: hint.place)
        let row = RowKey.hint(address)
        let held: Hint?
        do throws(StoreError) {
            held = try heldHint(at: address, row: row, database, &report)
        } catch {
            return .refused(.inputOutput("\(error)"))
        }
        let version = hint.write.item.version
        // [v12 and v11 in one batch.]
        if let held, version <= held.write.item.version { return .superseded(by: held.write.item.version) }
        guard hasRoom(for: hint, replacing: held) else { return .refused(.hintBudget) }
        staging.store(hint, replacing: held, at: address, stored: hintTotals[hint.target] ?? HintTotals())
        recordScratch.removeAll(keepingCapacity: true)
        HintRecord.append(hint, to: &recordScratch)
        batch.put(database.handle(.hints), key: row, value: recordScratch)
        report.applied += 1
        report.bytes += hint.write.key.bytes.count + hint.write.item.value.count
        return .committed
    }

    /// All of them are looked up before any is staged, so that a command which is refused has changed nothing.
    func settle(
        _ settlements: [HintSettlement], _ database: Database, _ report: inout CommitReport
    ) -> WriteResult {
        var settled: [HintAddress: (held: Hint, fate: HintSettlement.Fate)] = [:]
        do throws(StoreError) {
            for settlement in settlements {
                let address = HintAddress(target: settlement.target, place: settlement.place)
                let held = try heldHint(at: address, row: RowKey.hint(address), database, &report)
                guard let held, settlement.applies(to: held) else { continue }
                settled[address] = settled[address] ?? (held, settlement.fate)
            }
        } catch {
            return .refused(.inputOutput("\(error)"))
        }
        for (address, (held, fate)) in settled {
            batch.delete(database.handle(.hints), key: RowKey.hint(address))
            staging.remove(held, at: address, fate: fate, stored: hintTotals[address.target] ?? HintTotals())
        }
        report.applied += settled.isEmpty ? 0 : 1
        return .committed
    }

    /// The accounts that the batch changes, and the clock that the age of hints is told by.
    func stageHintTotals(_ database: Database) {
        guard !staging.hintTotals.isEmpty else { return }
        let meta = database.handle(.meta)
        for (target, totals) in staging.hintTotals {
            batch.put(meta, key: MetaRow.totalsKey(target), value: MetaRow.totalsValue(totals))
        }
        batch.put(meta, key: MetaRow.uptime, value: MetaRow.number(uptime.milliseconds))
    }

    func adoptHintTotals() {
        guard !staging.hintTotals.isEmpty else { return }
        hintTotals.merge(staging.hintTotals) { $1 }
        changes.hintTotals.merge(staging.hintTotals) { $1 }
    }

    /// Earlier operations of this batch, then RocksDB.
    private func heldHint(
        at address: HintAddress, row: [UInt8], _ database: Database, _ report: inout CommitReport
    ) throws(StoreError) -> Hint? {
        if let staged = staging.hint(at: address) { return staged }
        report.lookups += 1
        return try database.get(.hints, row, tier: .disk, failed: StoreError.init) {
            (record: Span<UInt8>) throws(StoreError) in
            do throws(HintRecord.Damage) {
                return try HintRecord.hint(row: row.span, record: record)
            } catch {
                throw StoreError(error, ofHintAt: row.span)
            }
        }
    }

    private func hasRoom(for hint: Hint, replacing held: Hint?) -> Bool {
        let staged = staging.hintTotals
        let untouched = hintTotals.reduce(0) { staged[$1.key] == nil ? $0 + $1.value.pendingBytes : $0 }
        let pending = staged.values.reduce(untouched) { $0 + $1.pendingBytes }
        let after = pending + UInt64(hint.weightBytes) - UInt64(held?.weightBytes ?? 0)
        return after <= UInt64(options.hintBudgetBytes)
    }
}
