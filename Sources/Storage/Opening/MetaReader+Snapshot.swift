internal import Base
internal import Cluster

// The rows of `meta` that the store keeps in memory beside the catalog. A row that cannot be read fails the opening:
// without a purge mark, deleted items could come back; hint totals that do not add up mean that hints were lost.
extension MetaReader {
    func snapshot(partitions: Int) throws(StoreOpenError) -> MetaSnapshot {
        var rows = MetaSnapshot()
        rows.storeID = try storeID()
        rows.cluster = try clusterRows()
        rows.purgeMarks = try purgeMarks(partitions: partitions)
        rows.hintTotals = try hintTotals()
        return rows
    }

    func storeID() throws(StoreOpenError) -> StoreID {
        guard let id = try bytes(MetaRow.store).flatMap(MetaRow.storeID) else {
            throw .damaged(directory: directory, why: "its identity rows are incomplete")
        }
        return id
    }

    private func clusterRows() throws(StoreOpenError) -> [ClusterRow: [UInt8]] {
        var found: [ClusterRow: [UInt8]] = [:]
        found[.record] = try bytes(MetaRow.key(.record))
        found[.recovery] = try bytes(MetaRow.key(.recovery))
        try forEachRow(.meta, MetaRow.members.lower, MetaRow.members.upper) { key, value throws(StoreOpenError) in
            guard let member = MetaRow.member(key: key) else {
                throw .damaged(directory: directory, why: "the key of a member row has no valid node id")
            }
            found[.member(member)] = Array(copying: value)
        }
        return found
    }

    private func purgeMarks(partitions: Int) throws(StoreOpenError) -> [PartitionID: PurgeMark] {
        var marks: [PartitionID: PurgeMark] = [:]
        let rows = MetaRow.purgeMarks
        try forEachRow(.meta, rows.lower, rows.upper) { key, value throws(StoreOpenError) in
            guard let (partition, mark) = MetaRow.purgeMark(key: key, value: value), partition.index < partitions else {
                throw .damaged(directory: directory, why: "a purge mark cannot be decoded")
            }
            marks[partition] = mark
        }
        return marks
    }

    private func hintTotals() throws(StoreOpenError) -> [MemberIndex: HintTotals] {
        var found: [MemberIndex: HintTotals] = [:]
        let rows = MetaRow.hintTotals
        try forEachRow(.meta, rows.lower, rows.upper) { key, value throws(StoreOpenError) in
            guard let (target, totals) = MetaRow.totals(key: key, value: value) else {
                throw .damaged(
                    directory: directory, why: "the hint totals of a member cannot be decoded or do not add up")
            }
            found[target] = totals
        }
        for (target, totals) in found where totals.pending > 0 && totals.waitingSinceMilliseconds == 0 {
            found[target] = try addingWaitingTime(to: totals, of: target)
        }
        return found
    }

    /// Reads the time of the oldest hint from the hints themselves. Totals written by an earlier version do not have
    /// it; this happens once, on the first opening by this version.
    private func addingWaitingTime(to totals: HintTotals, of target: MemberIndex) throws(StoreOpenError) -> HintTotals {
        var completed = totals
        let rows = RowKey.hints(of: target, after: nil)
        try forEachRow(.hints, rows.lower, rows.upper) { row, record throws(StoreOpenError) in
            do throws(HintRecord.Damage) {
                completed.waits(since: try HintRecord.hint(row: row, record: record).storedAt.wallMilliseconds)
            } catch {
                // A damaged hint is ignored here, where only its time is read. It is reported when it is replayed.
            }
        }
        return completed
    }
}
