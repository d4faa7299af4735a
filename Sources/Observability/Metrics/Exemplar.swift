/// A request whose trace is recorded, named beside a number that it went into, so that whoever sees the number can look
/// at an example. Callers make one only of traces that are really exported: a link to nothing is worse than none.
package struct Exemplar: Equatable, Sendable {
    package let traceID: TraceID
    package let spanID: SpanID
    /// Since 1970.
    package let wallMilliseconds: UInt64

    package init(traceID: TraceID, spanID: SpanID, wallMilliseconds: UInt64) {
        self.traceID = traceID
        self.spanID = spanID
        self.wallMilliseconds = wallMilliseconds
    }
}

/// The newest exemplar of each slot that was ever given one: a bucket, or a counter. It takes memory for those alone,
/// so there are never more than there are slots. Loop-bound.
struct ExemplarStore: Sendable {
    struct Kept: Equatable, Sendable {
        let exemplar: Exemplar
        /// How long the request took.
        let nanoseconds: UInt64
    }

    /// A bucket's exemplar is left alone for so long: what nobody could have scraped yet need not be newer.
    private static let restMilliseconds: UInt64 = 1_000

    private var kept: [Int: Kept] = [:]

    var count: Int { kept.count }

    subscript(slot: Int) -> Kept? { kept[slot] }

    mutating func offer(_ exemplar: Exemplar, nanoseconds: UInt64, at slot: Int) {
        if let known = kept[slot]?.exemplar.wallMilliseconds,
            known <= exemplar.wallMilliseconds, exemplar.wallMilliseconds - known < Self.restMilliseconds {
            return
        }
        kept[slot] = Kept(exemplar: exemplar, nanoseconds: nanoseconds)
    }

    mutating func forget(_ slots: Range<Int>) {
        guard !kept.isEmpty else { return }
        for slot in slots { kept[slot] = nil }
    }
}
