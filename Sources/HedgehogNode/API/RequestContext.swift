internal import Base
internal import Cluster
internal import HTTP
internal import HTTPServer
internal import Observability

/// What the API keeps of one request, from its head to its log line.
final class RequestContext {
    let identity: RequestIdentity
    let method: RequestMethod
    let route: Route
    var operation: RequestOperation
    /// The one that the path names, once it is known to exist; requests for others are counted together.
    var table: LiveTable?
    /// The sentence of the error that was answered.
    var failure: String?
    /// Nil of a request that is not recorded.
    var span: ActiveSpan?
    /// Why it was turned away although nothing was wrong with it.
    var shed: ShedReason?

    init(identity: RequestIdentity, method: RequestMethod, route: Route, operation: RequestOperation) {
        self.identity = identity
        self.method = method
        self.route = route
        self.operation = operation
    }

    /// What operations on other nodes bear of this request.
    var requestTrace: RequestTrace {
        var id: [UInt8] = []
        // Of a UUID, which most requests bear.
        id.reserveCapacity(36)
        identity.requestID.append(to: &id)
        let trace = identity.trace
        let flags = span?.flags ?? trace.flags.subtracting(.sampled)
        return RequestTrace(
            requestID: id, traceHigh: trace.traceID.high, traceLow: trace.traceID.low,
            spanID: (span?.spanID ?? trace.parent)?.rawValue ?? 0, traceFlags: flags.rawValue)
    }

    /// Of the table that the path names; empty when it names none that exists.
    var tableName: [UInt8] { table.map { Array($0.state.name.description.utf8) } ?? [] }

    /// The header lines that every answer has.
    func appendFields(to fields: inout [UInt8], contentType: StaticString = "application/json") {
        fields.append("Content-Type: ")
        fields.append(contentType)
        fields.append("\r\nX-Request-ID: ")
        identity.requestID.append(to: &fields)
        fields.append("\r\nX-Trace-ID: ")
        identity.trace.traceID.append(to: &fields)
        fields.append(
            "\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Expose-Headers: ETag, X-Request-ID, X-Trace-ID\r\n")
    }
}

extension Exchange {
    /// Made when the exchange reached the API.
    var context: RequestContext {
        guard let context = attachment as? RequestContext else {
            preconditionFailure("an exchange is answered after it has been given its context")
        }
        return context
    }

    func answer(
        _ status: Status, _ body: [UInt8], contentType: StaticString = "application/json",
        with moreFields: (inout [UInt8]) -> Void = { _ in }
    ) {
        var fields: [UInt8] = []
        fields.reserveCapacity(320)
        context.appendFields(to: &fields, contentType: contentType)
        moreFields(&fields)
        respond(status: status, fields: fields, body: body)
    }

    func fail(_ failure: Failure) {
        context.failure = failure.message
        context.shed = failure.shed
        let body = failure.body(context.identity)
        answer(failure.status, body) { fields in
            if !failure.allow.isEmpty {
                fields.append("Allow: ")
                fields.append(contentsOf: failure.allow.map(\.name).joined(separator: ", ").utf8)
                fields.append("\r\n")
            }
            if let seconds = failure.retryAfterSeconds { fields.appendField("Retry-After", decimal: seconds) }
        }
    }
}
