internal import Base
internal import Cluster

// Storing hints, and removing those that were delivered, superseded or have expired. The hint totals of a target change
// in the same batch as its hints, so that they agree after a crash.

extension CommitBatch {
    mutating func judge(_ hint: Hint, against state: CommitState, in database: Database) -> WriteResult {
        guard state.liveTables.contains(hint.write.table) else { return .tableDeleted }
        let address = HintAddress(target: hint.target, place: hint.place)
        let row = RowKey.hint(address)
        let held: Hint?
        do throws(StoreError) {
            held = try heldHint(at: address, row: row, in: database)
        } catch {
            return .refused(.inputOutput("\(error)"))
        }
        let version = hint.write.item.version
        // [A hint for version 12 of a key is stored, then one for version 11 of the same key: the older hint replaces
        // the newer.]
        if let held, version <= held.write.item.version { return .superseded(by: held.write.item.version) }
        guard hasRoom(for: hint, replacing: held, beside: state.hintTotals) else { return .refused(.hintBudget) }
        let totals = state.hintTotals[hint.target] ?? HintTotals()
        staged.store(hint, replacing: held, at: address, stored: totals)
        record.removeAll(keepingCapacity: true)
        HintRecord.append(hint, to: &record)
        rows.put(database.handle(.hints), key: row, value: record)
        report.applied += 1
        report.bytes += hint.write.key.bytes.count + hint.write.item.value.count
        return .committed
    }

    /// Removes hints that were delivered, superseded or have expired, and counts them by this reason. All are looked up
    /// before the first is removed, so that a look-up that fails leaves the batch unchanged.
    mutating func settle(
        _ settlements: [HintSettlement], against state: CommitState, in database: Database
    ) -> WriteResult {
        var settled: [HintAddress: (held: Hint, fate: HintSettlement.Fate)] = [:]
        do throws(StoreError) {
            for settlement in settlements {
                let address = HintAddress(target: settlement.target, place: settlement.place)
                let held = try heldHint(at: address, row: RowKey.hint(address), in: database)
                guard let held, settlement.applies(to: held) else { continue }
                settled[address] = settled[address] ?? (held, settlement.fate)
            }
        } catch {
            return .refused(.inputOutput("\(error)"))
        }
        for (address, (held, fate)) in settled {
            rows.delete(database.handle(.hints), key: RowKey.hint(address))
            let totals = state.hintTotals[address.target] ?? HintTotals()
            staged.remove(held, at: address, fate: fate, stored: totals)
        }
        report.applied += settled.isEmpty ? 0 : 1
        return .committed
    }

    /// Adds the rows of the hint totals that the batch changed and the row of the store's uptime, by which the age of
    /// hints is measured.
    func stageHintTotals(in database: Database) {
        guard !staged.meta.hintTotals.isEmpty else { return }
        let meta = database.handle(.meta)
        for (target, totals) in staged.meta.hintTotals {
            rows.put(meta, key: MetaRow.totalsKey(target), value: MetaRow.totalsValue(totals))
        }
        rows.put(meta, key: MetaRow.uptime, value: MetaRow.number(uptime.milliseconds))
    }

    /// Looks the hint up: in this batch, then in RocksDB.
    private mutating func heldHint(
        at address: HintAddress, row: [UInt8], in database: Database
    ) throws(StoreError) -> Hint? {
        if let hint = staged.hint(at: address) { return hint }
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

    /// Whether the pending hints of all targets stay within the budget once `hint` is stored.
    private func hasRoom(for hint: Hint, replacing held: Hint?, beside committed: [MemberIndex: HintTotals]) -> Bool {
        let changed = staged.meta.hintTotals
        let unchanged = committed.reduce(0) { changed[$1.key] == nil ? $0 + $1.value.pendingBytes : $0 }
        let pending = changed.values.reduce(unchanged) { $0 + $1.pendingBytes }
        let after = pending + UInt64(hint.weightBytes) - UInt64(held?.weightBytes ?? 0)
        return after <= UInt64(options.hintBudgetBytes)
    }
}
