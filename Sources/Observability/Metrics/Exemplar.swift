/// An exemplar: a recorded request that contributed to a number on the metrics page, so that a reader of the number can
/// open an example trace. Make one only for a trace that is exported: a link that leads nowhere is worse than none.
package struct Exemplar: Equatable, Sendable {
    package let traceID: TraceID
    package let spanID: SpanID
    /// The wall-clock time of the request, in milliseconds since 1970.
    package let wallMilliseconds: UInt64

    package init(traceID: TraceID, spanID: SpanID, wallMilliseconds: UInt64) {
        self.traceID = traceID
        self.spanID = spanID
        self.wallMilliseconds = wallMilliseconds
    }
}

/// The newest exemplar of each slot (a histogram bucket or a counter) that received one. Slots without an exemplar take
/// no memory, so the number of slots bounds the size. Only the event loop may use it.
struct ExemplarStore: Sendable {
    struct Entry: Equatable, Sendable {
        let exemplar: Exemplar
        /// The duration of the request that is the exemplar.
        let nanoseconds: UInt64
    }

    private var entries: [Int: Entry] = [:]

    var count: Int { entries.count }

    subscript(slot: Int) -> Entry? { entries[slot] }

    /// Stores `exemplar` for a slot, unless the slot has an exemplar that is too young to be replaced.
    mutating func offer(_ exemplar: Exemplar, nanoseconds: UInt64, at slot: Int) {
        if let stored = entries[slot]?.exemplar.wallMilliseconds, stored <= exemplar.wallMilliseconds,
            exemplar.wallMilliseconds - stored < ObservabilityLimits.exemplarMilliseconds {
            return
        }
        entries[slot] = Entry(exemplar: exemplar, nanoseconds: nanoseconds)
    }

    mutating func remove(_ slots: Range<Int>) {
        guard !entries.isEmpty else { return }
        for slot in slots { entries[slot] = nil }
    }
}
