/// How much the repair mechanisms did in a run: hinted handoff, anti-entropy, tombstone purge and disk recovery.
package struct RepairCounts: Sendable {
    package var hintsDelivered = 0
    /// Rows that anti-entropy copied to or from a peer.
    package var rowsRepaired = 0
    package var tombstonesPurged = 0
    package var disksRecovered = 0

    package init() {}

    /// Restores the value whose `counts` are given. All counts are 0 when the array does not have exactly four.
    package init(counts: [Int]) {
        guard counts.count == 4 else { return }
        (hintsDelivered, rowsRepaired, tombstonesPurged, disksRecovered) = (counts[0], counts[1], counts[2], counts[3])
    }

    package var counts: [Int] { [hintsDelivered, rowsRepaired, tombstonesPurged, disksRecovered] }

    package mutating func add(_ other: RepairCounts) {
        self = RepairCounts(counts: zip(counts, other.counts).map { $0 + $1 })
    }
}
