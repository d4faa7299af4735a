internal import Base
internal import Cluster
internal import HTTP
internal import HTTPServer
internal import Observability

/// The API's record of one request, kept from the arrival of its head until its log line is written: ids, method,
/// route, table, span and error.
final class RequestContext {
    let identity: RequestIdentity
    let method: RequestMethod
    let route: Route
    var operation: RequestOperation
    /// The table that the request's path names; nil until it is found. Requests for missing tables are counted
    /// together.
    var table: LiveTable?
    /// The sentence of the error answer to this request; nil if the answer is no error.
    var failure: String?
    /// The span of this request; nil if the request's trace is not recorded.
    var span: ActiveSpan?
    /// Whether a cache may store the answer to this request and use it again after a node has confirmed that it is
    /// still current. If not, no cache may store it.
    var allowsRevalidation = false
    /// The reason why a valid request was rejected to shed load.
    var shed: ShedReason?

    init(identity: RequestIdentity, method: RequestMethod, route: Route, operation: RequestOperation) {
        self.identity = identity
        self.method = method
        self.route = route
        self.operation = operation
    }

    /// The request id and the trace context of this request, which go with each of its operations to other nodes.
    var requestTrace: RequestTrace {
        var id: [UInt8] = []
        // The length of a UUID, the most common request id.
        id.reserveCapacity(36)
        identity.requestID.append(to: &id)
        let trace = identity.trace
        let flags = span?.flags ?? trace.flags.subtracting(.sampled)
        return RequestTrace(
            requestID: id, traceHigh: trace.traceID.high, traceLow: trace.traceID.low,
            spanID: (span?.spanID ?? trace.parent)?.rawValue ?? 0, traceFlags: flags.rawValue)
    }

    /// The name of the table in the request's path; empty if the path names no existing table.
    var tableName: [UInt8] { table.map { Array($0.state.name.description.utf8) } ?? [] }

    /// Appends the header fields that every answer of the API has. `contentType` is nil for an answer without a body.
    func appendFields(to fields: inout [UInt8], contentType: StaticString? = "application/json") {
        if let contentType { fields.appendField("Content-Type", contentType) }
        // The answer to a strong read must not be cached. [A cache answers a strong read with the version before the
        // last acknowledged write.]
        if method == .get || method == .head {
            fields.appendField("Cache-Control", allowsRevalidation ? "no-cache" : "no-store")
        }
        fields.append("X-Request-ID: ")
        identity.requestID.append(to: &fields)
        fields.append("\r\nX-Trace-ID: ")
        identity.trace.traceID.append(to: &fields)
        fields.append(
            "\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Expose-Headers: ETag, X-Request-ID, X-Trace-ID\r\n")
    }
}

extension Exchange {
    /// The API's record of this request: ids, route, table, span. The API attaches it before it handles the request.
    var context: RequestContext {
        guard let context = attachment as? RequestContext else {
            preconditionFailure("an exchange was answered before its context was attached")
        }
        return context
    }

    func answer(
        _ status: Status, _ body: [UInt8], contentType: StaticString = "application/json",
        with moreFields: (inout [UInt8]) -> Void = { _ in }
    ) {
        var fields: [UInt8] = []
        fields.reserveCapacity(352)
        context.appendFields(to: &fields, contentType: status.allowsBody ? contentType : nil)
        moreFields(&fields)
        respond(status: status, fields: fields, body: body)
    }

    func fail(_ failure: Failure) {
        context.failure = failure.message
        context.shed = failure.shed
        let body = failure.body(context.identity)
        answer(failure.status, body) { fields in
            if !failure.allow.isEmpty { fields.appendList("Allow", of: failure.allow) }
            if let seconds = failure.retryAfterSeconds { fields.appendField("Retry-After", decimal: seconds) }
        }
    }
}

extension Array where Element == UInt8 {
    /// Appends a header field whose value is a list of methods.
    mutating func appendList(_ name: StaticString, of methods: [Method]) {
        append(name)
        append(": ")
        append(contentsOf: methods.map(\.name).joined(separator: ", ").utf8)
        append("\r\n")
    }
}
