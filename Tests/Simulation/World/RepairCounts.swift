/// How much the repair mechanisms did in a run: hinted handoff, anti-entropy, tombstone purge and disk recovery.
package struct RepairCounts: Sendable {
    package var hintsDelivered = 0
    /// Rows that anti-entropy copied to or from a peer.
    package var rowsRepaired = 0
    package var tombstonesPurged = 0
    package var disksRecovered = 0

    package init() {}

    /// Restores repair counts from an array, as a worker process reports them. All are 0 if the array does not have
    /// exactly four numbers.
    package init(counts: [Int]) {
        guard counts.count == 4 else { return }
        (hintsDelivered, rowsRepaired, tombstonesPurged, disksRecovered) = (counts[0], counts[1], counts[2], counts[3])
    }

    package var counts: [Int] { [hintsDelivered, rowsRepaired, tombstonesPurged, disksRecovered] }

    package mutating func add(_ other: RepairCounts) {
        self = RepairCounts(counts: zip(counts, other.counts).map { $0 + $1 })
    }
}
