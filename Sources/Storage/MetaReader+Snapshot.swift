internal import Base
internal import Cluster

// The rows that the store keeps in memory beside the catalog. What cannot be read refuses the opening: a mark forgotten
// would let the dead come back, and an account of hints that does not close has lost some.
extension MetaReader {
    func keptRows(partitions: Int) throws(StoreOpenError) -> MetaSnapshot {
        var rows = MetaSnapshot()
        rows.storeID = try storeID()
        rows.cluster = try clusterRows()
        rows.marks = try marks(partitions: partitions)
        rows.hintTotals = try hintTotals()
        return rows
    }

    func storeID() throws(StoreOpenError) -> StoreID {
        guard let id = try bytes(MetaRow.store).flatMap(MetaRow.storeID) else {
            throw .damaged(directory: directory, why: "its identity is not whole")
        }
        return id
    }

    private func clusterRows() throws(StoreOpenError) -> [ClusterRow: [UInt8]] {
        var found: [ClusterRow: [UInt8]] = [:]
        found[.record] = try bytes(MetaRow.key(.record))
        found[.recovery] = try bytes(MetaRow.key(.recovery))
        try forEachRow(.meta, MetaRow.members.lower, MetaRow.members.upper) { key, value throws(StoreOpenError) in
            guard let member = MetaRow.member(key: key) else {
                throw .damaged(directory: directory, why: "a row of a member has no proper name")
            }
            found[.member(member)] = Array(copying: value)
        }
        return found
    }

    private func marks(partitions: Int) throws(StoreOpenError) -> [UInt16: PurgeMark] {
        var marks: [UInt16: PurgeMark] = [:]
        try forEachRow(.meta, MetaRow.marks.lower, MetaRow.marks.upper) { key, value throws(StoreOpenError) in
            guard let (partition, mark) = MetaRow.mark(key: key, value: value), partition < partitions else {
                throw .damaged(directory: directory, why: "a purge mark cannot be read")
            }
            marks[partition] = mark
        }
        return marks
    }

    private func hintTotals() throws(StoreOpenError) -> [Int: HintTotals] {
        var found: [Int: HintTotals] = [:]
        let rows = MetaRow.hintTotals
        try forEachRow(.meta, rows.lower, rows.upper) { key, value throws(StoreOpenError) in
            guard let (target, totals) = MetaRow.totals(key: key, value: value) else {
                throw .damaged(directory: directory, why: "an account of its hints does not close")
            }
            found[target] = totals
        }
        for (target, totals) in found where totals.pending > 0 && totals.waitingSinceMilliseconds == 0 {
            found[target] = try complete(totals, of: target)
        }
        return found
    }

    /// The account as an earlier version kept it, with the time of the oldest hint: once, on the first opening since.
    private func complete(_ totals: HintTotals, of target: Int) throws(StoreOpenError) -> HintTotals {
        var completed = totals
        let rows = RowKey.hints(of: target, after: nil)
        try forEachRow(.hints, rows.lower, rows.upper) { row, record throws(StoreOpenError) in
            do throws(HintRecord.Damage) {
                completed.waits(since: try HintRecord.hint(row: row, record: record).storedAt.wallMilliseconds)
            } catch {
                // Whoever is to send it will say so; the account stands without its time.
            }
        }
        return completed
    }
}
