internal import Base
internal import Cluster
internal import HTTP
internal import HTTPServer
internal import Observability
internal import Reactor

/// Starts and ends the spans of client requests whose trace is recorded. Only the event loop may use it.
final class RequestSpans {
    private let tracer: Tracer
    private let settings: TracingSettings
    private let isExported: Bool
    private let nodeID: NodeID
    private let address: () -> SocketAddress
    private lazy var place = ServingNode(nodeID: nodeID, address: address())

    /// Creates the recorder of request spans. `address` returns the address at which clients reach this node, which
    /// becomes an attribute of each span; it is called once, when it is first needed.
    init(_ tracing: Tracing, nodeID: NodeID, address: @escaping () -> SocketAddress) {
        tracer = tracing.tracer
        settings = tracing.settings
        isExported = tracing.isExported
        self.nodeID = nodeID
        self.address = address
    }

    /// Starts the span of a request, or returns nil if the request's trace is not recorded. A message from another node
    /// gets no span here, because each of its operations has one.
    func begin(
        _ exchange: Exchange, _ trace: TraceContext, route: Route, operation: RequestOperation
    ) -> ActiveSpan? {
        switch operation {
        case .replicate, .gossip, .invalid: return nil
        case .health, .metrics: guard settings.recordsProbes else { return nil }
        default: break
        }
        let name = settings.spanNames == .semconv ? conventionName(exchange.head, route) : "http.request"
        return tracer.enter(trace, name, .server, startNanoseconds: exchange.receivedAtNanoseconds)
    }

    /// Returns the exemplar that refers to the trace of this request; nil if traces are not exported, because nobody
    /// could look up the trace.
    func exemplar(_ span: ActiveSpan) -> Exemplar? {
        guard isExported else { return nil }
        return Exemplar(
            traceID: span.traceID, spanID: span.spanID, wallMilliseconds: EventLoop.wallMilliseconds())
    }

    func end(_ span: ActiveSpan, _ exchange: Exchange, _ request: AccessRecord, atNanoseconds now: UInt64) {
        span.attach(
            RequestAttributes(
                request, method: exchange.context.method, minorVersion: exchange.head.minorVersion,
                headBytes: exchange.head.bytes.count, at: place))
        if exchange.outcome.wasCut {
            span.fail("cut", "the connection broke before the answer was complete")
        } else if request.status >= 500 {
            span.fail(String(request.status), request.error ?? "")
        }
        tracer.end(span, atNanoseconds: now)
    }

    private func conventionName(_ head: RequestHead, _ route: Route) -> String {
        let method = RequestMethod(of: head)
        let name = method == .other ? "HTTP" : method.rawValue
        return route.template.map { "\(name) \($0)" } ?? name
    }
}
