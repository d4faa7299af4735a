internal import Base
internal import HTTP
internal import HTTPServer
internal import Observability
internal import Reactor

// The spans that ended on this node lately. Each node shows its own; `hedgehogctl trace` asks all of them.
extension API {
    private static let standardSpanLimit = 1_000
    private static let maximumSpanLimit = 10_000

    func handleTraces(_ exchange: Exchange) throws(Failure) {
        let query = try query(exchange.head)
        try query.requireOnly("trace_id", "request_id", "limit")
        let limit = try query.limit(default: Self.standardSpanLimit, maximum: Self.maximumSpanLimit)
        let tracing = node.tracing
        let found = try spans(query, tracing.recent, limit: limit)
        let listing = SpanListing(
            nodeID: node.configuration.nodeID, spans: found.spans, isCut: found.isCut, held: tracing.recent.count,
            capacity: tracing.recent.capacity, oldestEndNanoseconds: tracing.recent.oldestEndNanoseconds,
            maximumTracesPerSecond: tracing.settings.maximumTracesPerSecond)
        do {
            // Ten thousand spans take longer to write than a loop should be away.
            try node.workers.offload {
                listing.body
            } then: { body in
                if exchange.isOpen { exchange.answer(.ok, body) }
            }
        } catch {
            throw .tooBusy
        }
    }

    private func spans(
        _ query: Query, _ recent: RecentSpans, limit: Int
    ) throws(Failure) -> RecentSpans.Found {
        switch (try query.single("trace_id"), try query.single("request_id")) {
        case (let text?, nil):
            guard let trace = TraceID(loose: text.span) else {
                throw .badParameter(
                    "trace_id", given: text,
                    allowed: "32 lowercase hexadecimal digits, not all zero, or a UUID,")
            }
            return recent.spans(of: trace, limit: limit)
        case (nil, let text?):
            guard RequestID(validating: text.span) != nil else {
                throw .badParameter(
                    "request_id", given: text, allowed: "1 to 128 of letters, digits and . _ ~ : / + = @ -")
            }
            return recent.spans(ofRequest: text, limit: limit)
        default:
            throw Failure(
                .badRequest, "either trace_id or request_id is required: ?trace_id=HEX or ?request_id=ID")
        }
    }
}
