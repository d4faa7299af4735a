// What callers keep of a series: where its numbers lie. Resolved when a node, a table or a peer appears, never on the
// path of a request. A handle is good for the registry that made it, until its series is removed.

package struct Counter: Equatable, BitwiseCopyable, Sendable {
    let slot: Int32
}

package struct Gauge: Equatable, Sendable {
    let slot: Int32
}

/// Slots: one a bound, one for what is above the last bound, then the sum.
package struct Histogram: Equatable, BitwiseCopyable, Sendable {
    let slot: Int32
    let firstBound: Int32
    let boundCount: Int32

    static func slotCount(boundCount: Int) -> Int { boundCount + 2 }
}
