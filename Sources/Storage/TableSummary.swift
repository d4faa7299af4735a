/// What this node holds of a table, exactly, without a scan.
package struct TableSummary: Equatable, Sendable {
    package let total: EntrySums
    /// One for each partition, by its number.
    package let partitions: [EntrySums]

    package var live: Int { Int(total.live) }
    package var tombstones: Int { Int(total.tombstones) }
    package var bytes: Int { Int(total.bytes) }
}
