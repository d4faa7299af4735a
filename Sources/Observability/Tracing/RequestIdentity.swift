/// The position of a header field in the bytes of a request head. A field that occurs twice has no usable value.
package enum FieldPlace: Equatable, Sendable {
    case absent
    case single(Range<Int>)
    case repeated
}

/// The positions of those header fields of a request that identify the request and its trace.
package struct IdentityFields: Sendable {
    package var requestID: FieldPlace
    package var traceID: FieldPlace
    package var traceparent: FieldPlace
    /// The positions of all `tracestate` header fields, in order: a request may have several.
    package var tracestate: [Range<Int>]

    package init(
        requestID: FieldPlace = .absent, traceID: FieldPlace = .absent, traceparent: FieldPlace = .absent,
        tracestate: [Range<Int>] = []
    ) {
        self.requestID = requestID
        self.traceID = traceID
        self.traceparent = traceparent
        self.tracestate = tracestate
    }
}

/// The trace id and the request id of a request. The trace id of W3C Trace Context comes from a valid `traceparent`, or
/// from an `X-Trace-ID` that is a valid trace id; otherwise it is new. The request id is opaque text: a valid
/// `X-Request-ID`, or an `X-Trace-ID` that is a valid request id, or a new UUID.
package struct RequestIdentity: Equatable, Sendable {
    package let requestID: RequestID
    package let trace: TraceContext
    /// Whether the `X-Request-ID` of the request is invalid or occurs twice. The caller counts such requests.
    package let refusedRequestID: Bool

    /// Reads the ids of a request from its header fields and makes those that are missing. `fields` are positions in
    /// `bytes`; pass empty fields if the bytes are not an HTTP request.
    package init(
        _ fields: IdentityFields, in bytes: Span<UInt8>, using generator: inout some RandomNumberGenerator
    ) {
        trace = Self.trace(fields, bytes, &generator)
        let given = Self.requestID(fields.requestID, bytes)
        refusedRequestID = given == nil && fields.requestID != .absent
        requestID = given ?? Self.requestID(fields.traceID, bytes) ?? RequestID(using: &generator)
    }

    private static func trace(
        _ fields: IdentityFields, _ bytes: Span<UInt8>, _ generator: inout some RandomNumberGenerator
    ) -> TraceContext {
        if case .single(let place) = fields.traceparent,
            let continued = TraceContext(traceparent: bytes.extracting(place))
        {
            guard !fields.tracestate.isEmpty else { return continued }
            return TraceContext(
                traceID: continued.traceID, parent: continued.parent, flags: continued.flags,
                tracestate: Tracestate(fields: fields.tracestate, in: bytes))
        }
        if case .single(let place) = fields.traceID, let traceID = TraceID(loose: bytes.extracting(place)) {
            return TraceContext(traceID: traceID, parent: nil, flags: [])
        }
        return TraceContext(using: &generator)
    }

    private static func requestID(_ place: FieldPlace, _ bytes: Span<UInt8>) -> RequestID? {
        guard case .single(let range) = place else { return nil }
        return RequestID(validating: bytes.extracting(range))
    }
}
