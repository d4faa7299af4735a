internal import Cluster

/// Rows of the `meta` family that both the event loop and the commit thread keep in memory: all of them, as read when
/// the store is opened, or those that one batch changed.
struct MetaSnapshot: Sendable {
    var storeID: StoreID?
    /// The contents of the cluster rows. Empty bytes stand for a removed row, except that the cluster record may be
    /// empty.
    var cluster: [ClusterRow: [UInt8]] = [:]
    /// The purge marks of the partitions whose mark was ever raised.
    var purgeMarks: [PartitionID: PurgeMark] = [:]
    /// The hint totals of each target, keyed by the target's member index.
    var hintTotals: [MemberIndex: HintTotals] = [:]

    mutating func merge(_ changes: MetaSnapshot) {
        storeID = changes.storeID ?? storeID
        cluster.merge(changes.cluster) { $1 }
        purgeMarks.merge(changes.purgeMarks) { $1 }
        hintTotals.merge(changes.hintTotals) { $1 }
    }

    /// The purge marks of all partitions, as an array indexed by partition, because every write looks one up.
    func purgeMarks(partitions: Int) -> [PurgeMark] {
        (0..<partitions).map { purgeMarks[PartitionID($0)] ?? PurgeMark() }
    }
}
