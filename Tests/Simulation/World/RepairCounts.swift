/// How much of what faults left behind was mended.
package struct Healing: Sendable {
    package var hintsDelivered = 0
    /// By anti-entropy.
    package var rowsRepaired = 0
    package var tombstonesPurged = 0
    package var disksRecovered = 0

    package init() {}

    /// From `counts` of another.
    package init(counts: [Int]) {
        guard counts.count == 4 else { return }
        (hintsDelivered, rowsRepaired, tombstonesPurged, disksRecovered) = (counts[0], counts[1], counts[2], counts[3])
    }

    package var counts: [Int] { [hintsDelivered, rowsRepaired, tombstonesPurged, disksRecovered] }

    package mutating func add(_ other: Healing) {
        self = Healing(counts: zip(counts, other.counts).map { $0 + $1 })
    }
}
