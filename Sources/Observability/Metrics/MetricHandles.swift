// Handles of registered metric series: the indices of their numbers in `MetricSlab`. A handle is made when a node, a
// table or a peer appears, or at the first request with new label values; all later updates need no look-up by name. A
// handle is valid for the registry that made it, until its series is removed.

package struct Counter: Equatable, BitwiseCopyable, Sendable {
    let slot: Int32
}

package struct Gauge: Equatable, Sendable {
    let slot: Int32
}

/// The handle of a histogram. The histogram has one slot (a number in `MetricSlab`) for each bucket bound, one for
/// values above the last bound, and one for the sum of all values.
package struct Histogram: Equatable, BitwiseCopyable, Sendable {
    let slot: Int32
    let firstBound: Int32
    let boundCount: Int32

    static func slotCount(boundCount: Int) -> Int { boundCount + 2 }
}
