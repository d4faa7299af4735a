internal import HTTP
internal import HTTPServer
internal import Observability
internal import Reactor

/// Records each finished request: metrics, span and access line. Loop thread only.
final class RequestObserver {
    private static let cutMessage = "the connection ended before the answer was complete"

    private let metrics: HTTPMetrics
    private let log: NodeLog
    private let policy: AccessLog
    private let logsProbes: Bool
    private let slowNanoseconds: UInt64
    private let spans: RequestSpans
    private var random: IdentifierGenerator
    private var wallClock = WallClock()

    init(metrics: HTTPMetrics, log: NodeLog, spans: RequestSpans, configuration: NodeConfiguration) {
        self.metrics = metrics
        self.log = log
        self.spans = spans
        policy = configuration.accessLog
        logsProbes = configuration.logsProbes
        slowNanoseconds = configuration.slowMilliseconds == 0 ? .max : configuration.slowMilliseconds * 1_000_000
        var system = SystemRandomNumberGenerator()
        random = IdentifierGenerator(seededBy: &system)
    }

    func rejected(_ rejection: Rejection) {
        metrics.countRejection(RejectionReason(rejection))
    }

    func finished(_ exchange: Exchange) {
        let context = exchange.context
        if let shed = context.shed { metrics.countShed(shed) }
        guard !context.operation.isBetweenNodes else { return }
        let now = EventLoop.monotonicNanoseconds()
        let duration = now - exchange.receivedAtNanoseconds
        // Status 499 stands for a client that disconnected before it was answered.
        let status = exchange.outcome.status.map { Int($0.code) } ?? 499
        metrics.record(
            RequestMeasure(
                method: context.method, operation: context.operation, status: status, durationNanoseconds: duration,
                requestBytes: UInt64(exchange.outcome.requestBytes),
                responseBytes: UInt64(exchange.outcome.responseBodyBytes)),
            table: context.table?.series ?? metrics.global, exemplar: context.span.flatMap(spans.exemplar))
        if context.identity.refusedRequestID { metrics.countInvalidRequestID() }
        let outcome = AccessLog.Outcome(
            status: status, durationNanoseconds: duration, wasCut: exchange.outcome.wasCut)
        let isSilent = !logsProbes && context.route.isProbe && status < 400 && !outcome.wasCut
        let isLogged = !isSilent && policy.admits(outcome, slowNanoseconds: slowNanoseconds, using: &random)
        if isLogged || context.span != nil {
            let record = record(
                exchange, context, status: status, durationNanoseconds: duration,
                wallNanoseconds: wallClock.nanoseconds(atMonotonic: now))
            if let span = context.span { spans.end(span, exchange, record, atNanoseconds: now) }
            if isLogged { log.access(record) }
        }
        guard duration > slowNanoseconds else { return }
        metrics.countSlow(context.operation)
        logSlow(context, durationNanoseconds: duration)
    }

    private func record(
        _ exchange: Exchange, _ context: RequestContext, status: Int, durationNanoseconds: UInt64,
        wallNanoseconds: UInt64
    ) -> AccessRecord {
        // Only the bytes are taken from the request head: `let head = exchange.head` would copy all of its fields.
        let bytes = exchange.head.bytes
        var userAgent: ArraySlice<UInt8> = []
        if case .single(let range) = exchange.head.values(of: .userAgent) { userAgent = bytes[range] }
        return AccessRecord(
            wallNanoseconds: wallNanoseconds, method: bytes[exchange.head.methodRange],
            target: bytes[exchange.head.target], userAgent: userAgent, route: context.route.template,
            operation: context.operation,
            table: context.table?.state.name.description ?? "", status: status,
            durationNanoseconds: durationNanoseconds, bytesIn: exchange.outcome.requestBytes,
            bytesOut: exchange.outcome.responseBodyBytes, peer: exchange.peer, requestID: context.identity.requestID,
            traceID: context.identity.trace.traceID, spanID: context.span?.spanID,
            error: context.failure ?? (exchange.outcome.wasCut ? Self.cutMessage : nil))
    }

    private func logSlow(_ context: RequestContext, durationNanoseconds: UInt64) {
        log.slowRequest([
            LogField("operation", .text(context.operation.rawValue)),
            LogField("duration_ms", .duration(nanoseconds: durationNanoseconds)),
            LogField("request_id", .requestID(context.identity.requestID)),
            LogField("trace_id", .traceID(context.identity.trace.traceID)),
        ])
    }
}

extension RejectionReason {
    fileprivate init(_ rejection: Rejection) {
        switch rejection {
        case .malformed(let refusal): self.init(refusal)
        case .timedOut, .bodyTooSlow: self = .timedOut
        case .overloaded: self = .overloaded
        case .bodyBudgetExceeded: self = .bodyMemoryFull
        }
    }

    private init(_ refusal: Refusal) {
        switch refusal {
        case .requestLine(.tooManyEmptyLines), .requestLine(.targetTooLong), .field(.tooManyFields),
            .field(.headTooLarge), .framing(.bodyTooLarge), .chunk(.chunkLineTooLong),
            .chunk(.chunkExtensionsTooLarge):
            self = .tooLarge
        case .framing(.lengthRequired): self = .lengthRequired
        case .requestLine(.unsupportedVersion), .framing(.unknownTransferCoding), .field(.unknownExpectation):
            self = .unsupported
        default: self = .malformed
        }
    }
}
