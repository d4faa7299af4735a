// Handles of registered series: the positions of their numbers in the slab. A handle is made when a node, a table or a
// peer appears, never while a request is served. It is valid for the registry that made it, until its series is
// removed.

package struct Counter: Equatable, BitwiseCopyable, Sendable {
    let slot: Int32
}

package struct Gauge: Equatable, Sendable {
    let slot: Int32
}

/// The slots are one for each bound, one for values above the last bound, and the sum.
package struct Histogram: Equatable, BitwiseCopyable, Sendable {
    let slot: Int32
    let firstBound: Int32
    let boundCount: Int32

    static func slotCount(boundCount: Int) -> Int { boundCount + 2 }
}
