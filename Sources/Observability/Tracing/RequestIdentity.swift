/// The position of a header field in the bytes of a request head. A field that occurs twice has no usable value.
package enum FieldPlace: Equatable, Sendable {
    case absent
    case single(Range<Int>)
    case repeated
}

/// The positions of the header fields that identify a request and its trace.
package struct IdentityFields: Sendable {
    package var requestID: FieldPlace
    package var traceID: FieldPlace
    package var traceparent: FieldPlace
    /// All positions in order: this field may occur several times.
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
/// from an `X-Trace-ID` that is a valid trace id, or is new. The request id is opaque text: a valid `X-Request-ID`, or
/// an `X-Trace-ID` that is a valid request id, or a new UUID.
package struct RequestIdentity: Equatable, Sendable {
    package let requestID: RequestID
    package let trace: TraceContext
    /// Whether the request has an invalid `X-Request-ID`. The caller counts it.
    package let refusedRequestID: Bool

    /// The positions in `fields` refer to `bytes`. For bytes that are not a request, pass empty fields.
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
