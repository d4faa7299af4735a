/// The spans that ended here last, kept so that a request can be looked into where no collector runs. When there is no
/// room the oldest go.
///
/// Of a second only the first ones are kept, by the time of day, so that nodes whose clocks agree keep the same traces.
/// Else a busy node would have the last twentieth of a second to show, and at a price: memory that was let go of long
/// ago is far from the processor, so that forgetting a span costs more than making it.
package struct RecentSpans {
    private var ring: SpanRing
    private let maximumBytes: Int
    private var second: UInt64 = 0
    private var keptOfSecond = 0

    package init(
        capacity: Int = ObservabilityLimits.recentSpans, maximumBytes: Int = ObservabilityLimits.recentSpanBytes
    ) {
        ring = SpanRing(capacity: capacity)
        self.maximumBytes = maximumBytes
    }

    package var count: Int { ring.count }
    package var capacity: Int { ring.capacity }
    /// When the oldest of them ended, in nanoseconds since 1970.
    package var oldestEndNanoseconds: UInt64? { ring.oldest?.endNanoseconds }

    package mutating func append(_ span: SpanRecord) {
        let second = span.endNanoseconds / 1_000_000_000
        if second != self.second { (self.second, keptOfSecond) = (second, 0) }
        guard keptOfSecond < ObservabilityLimits.recentSpansPerSecond else { return }
        keptOfSecond += 1
        let byteCount = span.byteCount
        guard byteCount <= maximumBytes else { return }
        while ring.isFull || ring.byteCount + byteCount > maximumBytes {
            guard ring.popFirst() != nil else { preconditionFailure("an empty ring had no room") }
        }
        ring.append(span, byteCount: byteCount)
    }
}

// Looking them up. Every span is looked at: that takes about a millisecond, and nobody asks often.
extension RecentSpans {
    package struct Found {
        /// In the order in which they ended.
        package fileprivate(set) var spans: [SpanRecord] = []
        /// There were more than were wanted.
        package fileprivate(set) var isCut = false
    }

    /// The spans of a trace, and those of other traces that are linked to it, such as the replay of a hint.
    package func spans(of trace: TraceID, limit: Int) -> Found {
        spans(of: [trace], limit: limit)
    }

    /// The same for the traces of a request. A caller may use one request id for many.
    package func spans(ofRequest requestID: [UInt8], limit: Int) -> Found {
        var traces: Set<TraceID> = []
        ring.forEach { if $0.isOf(requestID: requestID) { traces.insert($0.traceID) } }
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
