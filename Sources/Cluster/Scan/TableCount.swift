/// The size of a table in the whole cluster, with each item counted once. It comes from totals, without a scan.
package struct TableCount: Equatable, Sendable {
    package let live: Int
    package let tombstones: Int
    /// The total size of the table's keys and values, in bytes.
    package let bytes: Int
    /// Whether all replicas of every partition answered, and reported the same numbers of items, tombstones and bytes
    /// and the same digest.
    package let isExact: Bool

    package init(live: Int, tombstones: Int, bytes: Int, isExact: Bool) {
        self.live = live
        self.tombstones = tombstones
        self.bytes = bytes
        self.isExact = isExact
    }
}

extension TableCount {
    /// Adds up the items, tombstones and bytes of all partitions, each as reported by the first of its replicas that
    /// answered; nil if no replica of some partition answered.
    init?(_ sums: [[PartitionSums]?], partitions: Int, preferenceList: (PartitionID) -> [MemberIndex]) {
        var (live, tombstones, bytes) = (UInt64(0), UInt64(0), UInt64(0))
        var isExact = true
        for partition in (0..<partitions).map({ PartitionID($0) }) {
            let replicas = preferenceList(partition)
            let known = replicas.compactMap { sums[$0]?[partition] }
            guard let first = known.first else { return nil }
            live = live.addingSaturated(first.live)
            tombstones = tombstones.addingSaturated(first.tombstones)
            bytes = bytes.addingSaturated(first.bytes)
            if known.count < replicas.count || known.contains(where: { $0 != first }) { isExact = false }
        }
        self.init(
            live: Int(clamping: live), tombstones: Int(clamping: tombstones), bytes: Int(clamping: bytes),
            isExact: isExact)
    }
}

extension UInt64 {
    /// Adds without a trap on overflow, because the operands come from peers.
    func addingSaturated(_ other: UInt64) -> UInt64 {
        let (sum, overflows) = addingReportingOverflow(other)
        return overflows ? .max : sum
    }
}
