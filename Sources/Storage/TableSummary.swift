/// Exact counts of a table's entries on this node, kept without a scan.
package struct TableSummary: Equatable, Sendable {
    package let total: EntrySums
    /// The digest, counts and bytes of the table's entries in each partition, indexed by partition.
    package let partitions: [EntrySums]

    package var live: Int { Int(total.live) }
    package var tombstones: Int { Int(total.tombstones) }
    package var bytes: Int { Int(total.bytes) }
}
