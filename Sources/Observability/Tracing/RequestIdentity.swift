/// Where one header field lies among the bytes of a request's head. A field that came twice has no value to trust.
package enum FieldPlace: Equatable, Sendable {
    case absent
    case single(Range<Int>)
    case repeated
}

/// The fields of a request that say who it is.
package struct IdentityFields: Sendable {
    package var requestID: FieldPlace
    package var traceID: FieldPlace
    package var traceparent: FieldPlace
    /// All of them, in order: this one may come in several lines.
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

/// The two names of a request. The trace id is W3C's: from a valid `traceparent`, else from an `X-Trace-ID` that is
/// one, else new. The request id is opaque text: a valid `X-Request-ID`, else an `X-Trace-ID` that is valid as such,
/// else a new UUID.
package struct RequestIdentity: Equatable, Sendable {
    package let requestID: RequestID
    package let trace: TraceContext
    /// An `X-Request-ID` came and was not usable. To be counted.
    package let refusedRequestID: Bool

    /// `bytes` is what the places in `fields` point into. Bytes that were no request have no fields: give empty ones.
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
