internal import Cluster

/// Rows of `meta` that are kept in memory on both sides, beside the catalog: all of them as read at an opening, or
/// those that a batch changed.
struct MetaSnapshot: Sendable {
    var storeID: StoreID?
    /// A row that was removed has no bytes.
    var cluster: [ClusterRow: [UInt8]] = [:]
    /// Of partitions that were ever promised something.
    var marks: [UInt16: PurgeMark] = [:]
    var hintTotals: [Int: HintTotals] = [:]

    mutating func merge(_ changes: MetaSnapshot) {
        storeID = changes.storeID ?? storeID
        cluster.merge(changes.cluster) { $1 }
        marks.merge(changes.marks) { $1 }
        hintTotals.merge(changes.hintTotals) { $1 }
    }

    /// By partition, for the look-up of every write.
    func marks(partitions: Int) -> [PurgeMark] {
        (0..<partitions).map { marks[UInt16($0)] ?? PurgeMark() }
    }
}
