internal import Base
internal import HTTP
internal import HTTPServer
internal import Observability
internal import Reactor

/// The span of each client request that is recorded. Loop-bound.
final class RequestSpans {
    private let tracer: Tracer
    private let settings: TracingSettings
    private let nodeID: String
    private let isExported: Bool
    /// Where clients reach this node.
    private let address: () -> SocketAddress

    init(_ tracing: Tracing, nodeID: String, address: @escaping () -> SocketAddress) {
        tracer = tracing.tracer
        settings = tracing.settings
        self.nodeID = nodeID
        isExported = tracing.isExported
        self.address = address
    }

    /// Nil of a request that is not recorded. What is said between nodes has spans of its own, one an operation.
    func begin(
        _ exchange: Exchange, _ trace: TraceContext, route: Route, operation: RequestOperation
    ) -> ActiveSpan? {
        switch operation {
        case .replicate, .gossip, .antiEntropy, .invalid: return nil
        case .health, .metrics: guard settings.recordsProbes else { return nil }
        default: break
        }
        let name = settings.spanNames == .semconv ? conventionName(exchange.head, route) : "http.request"
        return tracer.enter(trace, name, .server, startNanoseconds: exchange.receivedAtNanoseconds)
    }

    /// Nil where traces go nowhere: an example that nobody can look at is none.
    func exemplar(_ span: ActiveSpan) -> Exemplar? {
        guard isExported else { return nil }
        return Exemplar(
            traceID: span.traceID, spanID: span.spanID, wallMilliseconds: EventLoop.wallMilliseconds())
    }

    func end(_ span: ActiveSpan, _ exchange: Exchange, status: Int, atNanoseconds now: UInt64) {
        let context = exchange.context
        describe(exchange.head, context, on: span)
        span.set("http.response.status_code", .integer(status))
        span.set("hedgehog.request_id", .text(context.identity.requestID.text))
        span.set("hedgehog.node_id", .text(nodeID))
        describeConnection(exchange, on: span)
        if exchange.outcome.wasCut {
            span.fail("cut", "the connection broke before the answer was complete")
        } else if status >= 500 {
            span.fail(String(status), context.failure ?? "")
        }
        tracer.end(span, atNanoseconds: now)
    }

    private func describe(_ head: RequestHead, _ context: RequestContext, on span: ActiveSpan) {
        if context.method == .other {
            span.set("http.request.method", .text("_OTHER"))
            span.set("http.request.method_original", .bytes(Array(head.bytes[head.methodRange])))
        } else {
            span.set("http.request.method", .text(context.method.label))
        }
        span.set("url.scheme", .text("http"))
        span.set("url.path", .bytes(Array(head.bytes[head.path].prefix(ObservabilityLimits.logTargetBytes))))
        if let query = head.query {
            span.set("url.query", .bytes(Array(head.bytes[query].prefix(ObservabilityLimits.logTargetBytes))))
        }
        if let template = context.route.template { span.set("http.route", .text("\(template)")) }
        span.set("hedgehog.operation", .text(context.operation.label))
        span.set("network.protocol.version", .text(head.minorVersion == 0 ? "1.0" : "1.1"))
        if case .single(let range) = head.values(of: .userAgent) {
            let shown = head.bytes[range].prefix(ObservabilityLimits.logUserAgentBytes)
            span.set("user_agent.original", .bytes(Array(shown)))
        }
    }

    private func describeConnection(_ exchange: Exchange, on span: ActiveSpan) {
        let own = address()
        span.set("server.address", .text(own.hostText))
        span.set("server.port", .integer(Int(own.port)))
        guard let peer = try? SocketAddress(exchange.peer) else { return }
        span.set("client.address", .text(peer.hostText))
        span.set("network.peer.address", .text(peer.hostText))
        span.set("network.peer.port", .integer(Int(peer.port)))
    }

    private func conventionName(_ head: RequestHead, _ route: Route) -> String {
        let method = RequestMethod(of: head)
        let word = method == .other ? "HTTP" : method.label
        return route.template.map { "\(word) \($0)" } ?? word
    }
}
