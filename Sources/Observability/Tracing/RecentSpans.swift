/// The spans that ended most recently on this node, stored in memory so that `hedgehogctl trace` works without a
/// collector. When the buffer is full, the oldest spans are removed.
///
/// Only the first spans of each wall-clock second are stored, so that nodes with synchronised clocks store the same
/// traces. Without this limit a busy node would store the spans of only the last twentieth of a second, and it would
/// run more slowly: the memory of an old span is no longer in the processor's cache, so freeing it takes longer than
/// making a new one.
package struct RecentSpans {
    private var ring: SpanRing
    private let maximumBytes: Int
    private var second: UInt64 = 0
    private var countInSecond = 0

    package init(
        capacity: Int = ObservabilityLimits.recentSpans, maximumBytes: Int = ObservabilityLimits.recentSpanBytes
    ) {
        ring = SpanRing(capacity: capacity)
        self.maximumBytes = maximumBytes
    }

    package var count: Int { ring.count }
    package var capacity: Int { ring.capacity }
    /// The time at which the oldest stored span ended, in nanoseconds since 1970.
    package var oldestEndNanoseconds: UInt64? { ring.oldest?.endNanoseconds }

    package mutating func append(_ span: SpanRecord) {
        let second = span.endNanoseconds / 1_000_000_000
        if second != self.second { (self.second, countInSecond) = (second, 0) }
        guard countInSecond < ObservabilityLimits.recentSpansPerSecond else { return }
        countInSecond += 1
        let byteCount = span.byteCount
        guard byteCount <= maximumBytes else { return }
        while ring.isFull || ring.byteCount + byteCount > maximumBytes {
            guard ring.popFirst() != nil else { preconditionFailure("an empty ring has no room for a span") }
        }
        ring.append(span, byteCount: byteCount)
    }
}

// Looking up a trace visits every stored span. That takes about a millisecond, and such look-ups are rare.
extension RecentSpans {
    package struct Found {
        /// The spans that were found, in the order in which they ended.
        package fileprivate(set) var spans: [SpanRecord] = []
        /// Whether the result lacks spans because there are more than the limit.
        package fileprivate(set) var isCut = false
    }

    /// Returns the stored spans of a trace, and stored spans of other traces that link to it, such as the replay of a
    /// hint.
    package func spans(of trace: TraceID, limit: Int) -> Found {
        spans(of: [trace], limit: limit)
    }

    /// Returns the stored spans of all traces that have a request id. A client may use one request id for several
    /// requests.
    package func spans(ofRequest requestID: [UInt8], limit: Int) -> Found {
        var traces: Set<TraceID> = []
        ring.forEach { if $0.belongs(toRequest: requestID) { traces.insert($0.traceID) } }
        return spans(of: traces, limit: limit)
    }

    private func spans(of traces: Set<TraceID>, limit: Int) -> Found {
        var found = Found()
        guard !traces.isEmpty else { return found }
        ring.forEach { span in
            guard traces.contains(span.traceID) || span.links.contains(where: { traces.contains($0.traceID) })
            else { return }
            if found.spans.count < limit { found.spans.append(span) } else { found.isCut = true }
        }
        return found
    }
}
