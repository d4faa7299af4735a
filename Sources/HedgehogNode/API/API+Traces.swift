internal import Base
internal import HTTP
internal import HTTPServer
internal import Observability
internal import Reactor

// The route for the most recent spans of this node. Each node shows only its own; `hedgehogctl trace` asks all nodes.
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
            // The spans are encoded on a worker thread: encoding ten thousand spans would block the loop for too long.
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
                    allowed: "32 lowercase hexadecimal digits that are not all zero, or a UUID,")
            }
            return recent.spans(of: trace, limit: limit)
        case (nil, let text?):
            guard RequestID(validating: text.span) != nil else {
                throw .badParameter(
                    "request_id", given: text, allowed: "1 to 128 letters, digits and . _ ~ : / + = @ -")
            }
            return recent.spans(ofRequest: text, limit: limit)
        default:
            throw .traceOrRequestRequired
        }
    }
}
