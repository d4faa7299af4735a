@testable import Observability

/// Spans that together have every field that an encoder writes.
enum SpanSamples {
    static let trace = id(0x0AF7_6519_16CD_43DD, 0x8448_EB21_1C80_319C)
    static let otherTrace = id(0, 1)

    static func id(_ high: UInt64, _ low: UInt64) -> TraceID {
        guard let id = TraceID(high: high, low: low) else { preconditionFailure("the trace id of a sample is zero") }
        return id
    }

    static func span(_ number: UInt64) -> SpanID {
        guard let id = SpanID(rawValue: number) else { preconditionFailure("the span id of a sample is zero") }
        return id
    }

    static func record(
        _ name: String = "http.request", trace: TraceID = trace, span: UInt64 = 1, parent: UInt64? = nil,
        isRemote: Bool = false, kind: SpanRecord.Kind = .server, start: UInt64 = 1_700_000_000_000_000_001,
        end: UInt64 = 1_700_000_000_000_250_000, tracestate: String = "", attributes: [SpanAttribute] = [],
        events: [SpanEvent] = [], links: [SpanLink] = [], status: SpanRecord.Status = .unset, dropped: Int = 0
    ) -> SpanRecord {
        let state = Array(tracestate.utf8)
        var limits = SpanLimits()
        if dropped > 0 { limits.attributes = attributes.count }
        let tooMany = (0..<dropped).map { SpanAttribute("n\($0)", .integer($0)) }
        var record = SpanRecord(
            traceID: trace, spanID: self.span(span), parent: parent.map { self.span($0) }, parentIsRemote: isRemote,
            flags: [.sampled, .random], tracestate: Tracestate(fields: [0..<state.count], in: state.span), kind: kind,
            name: name, startNanoseconds: start, endNanoseconds: end, limits: limits)
        record.ownAttributes = attributes + tooMany
        record.events = events
        record.links = links
        record.status = status
        record.droppedEvents = dropped
        record.droppedLinks = dropped
        return record
    }

    static func encoded(_ spans: [SpanRecord], as encoding: SpanEncoding) -> EncodedSpans {
        var encoded = EncodedSpans()
        for span in spans { encoded.append(span, as: encoding) }
        return encoded
    }

    /// Sample spans for encoders: a root span without optional fields, a child span with every field, and a failed span
    /// without a message.
    static let all = [
        record(),
        record(
            "replicate put", span: 0xB7AD_6B71_6920_3331, parent: 1, isRemote: true, kind: .client,
            tracestate: "rojo=1,congo=t61",
            attributes: [
                SpanAttribute("hedgehog.key", .bytes([0x61, 0xFF, 0x22])), SpanAttribute("text", .text("Grüße\n")),
                SpanAttribute("small", .integer(0)), SpanAttribute("negative", .integer(-1)),
                SpanAttribute("big", .integer(.max)), SpanAttribute("yes", .flag(true)),
                SpanAttribute("no", .flag(false)), SpanAttribute("empty", .text("")),
            ],
            events: [
                SpanEvent(
                    "quorum reached", nanoseconds: 1_700_000_000_000_100_000,
                    attributes: [SpanAttribute("acks", .integer(2))]),
                SpanEvent("bare", nanoseconds: 1_700_000_000_000_100_001),
            ],
            links: [
                SpanLink(traceID: otherTrace, spanID: span(2), flags: .sampled),
                SpanLink(traceID: otherTrace, spanID: span(3), flags: []),
            ],
            status: .error("it broke"), dropped: 300),
        record("hint.replay", span: 4, parent: 1, kind: .internal, status: .error("")),
    ]

    static let resource = TraceResource(
        TraceResource.Facts(nodeID: "node-1", version: "0.1.0", hostName: "box", processID: 42), TracingSettings())
}
