internal import HTTP
internal import Observability

extension RequestIdentity {
    /// Reads the ids in a request head: `X-Request-ID`, `X-Trace-ID` and, if `readsTrace` is true, the W3C trace
    /// context. New ids replace those that are absent or invalid.
    init(of head: RequestHead, readsTrace: Bool, using random: inout IdentifierGenerator) {
        var fields = IdentityFields(
            requestID: FieldPlace(head.values(of: .xRequestID)), traceID: FieldPlace(head.values(of: .xTraceID)))
        if readsTrace {
            fields.traceparent = FieldPlace(head.values(of: .traceparent))
            head.forEachValue(of: .tracestate) { fields.tracestate.append($0) }
        }
        self.init(fields, in: head.bytes.span, using: &random)
    }
}

extension FieldPlace {
    fileprivate init(_ count: FieldCount<Range<Int>>) {
        switch count {
        case .absent: self = .absent
        case .single(let range): self = .single(range)
        case .repeated: self = .repeated
        }
    }
}

extension RequestMethod {
    init(of head: RequestHead) {
        switch head.method {
        case .get: self = .get
        case .head: self = .head
        case .put: self = .put
        case .post: self = .post
        case .delete: self = .delete
        case .options: self = .options
        case .other: self = head.matches(head.methodRange, "PATCH") ? .patch : .other
        }
    }
}

extension Method {
    /// The method's name in a request line.
    var name: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .put: "PUT"
        case .post: "POST"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .other: "other"
        }
    }
}
