/// The client's request that a call between nodes serves, for the log lines, spans and metrics of every node that takes
/// part. No decision depends on it.
package struct RequestTrace: Equatable, Sendable {
    /// The request id as reported to the client, 1 to 128 bytes.
    package let requestID: [UInt8]
    /// The W3C trace context: the two halves of the trace id, the span id of the caller, and the trace flags.
    package let traceHigh: UInt64
    package let traceLow: UInt64
    package let spanID: UInt64
    package let traceFlags: UInt8

    package static let maximumRequestIDBytes = 128

    package init(requestID: [UInt8], traceHigh: UInt64, traceLow: UInt64, spanID: UInt64, traceFlags: UInt8) {
        self.requestID = requestID
        self.traceHigh = traceHigh
        self.traceLow = traceLow
        self.spanID = spanID
        self.traceFlags = traceFlags
    }

    /// The trace of calls that serve no request of a client.
    package static let none = RequestTrace(requestID: [], traceHigh: 0, traceLow: 0, spanID: 0, traceFlags: 0)

    /// Whether the trace is recorded: the W3C flag `sampled`, set by the node that received the client's request.
    package var isRecorded: Bool { traceFlags & 1 != 0 }

    /// A copy of this request trace in which `spanID` is the parent of later spans.
    package func under(spanID: UInt64) -> RequestTrace {
        RequestTrace(
            requestID: requestID, traceHigh: traceHigh, traceLow: traceLow, spanID: spanID, traceFlags: traceFlags)
    }

    /// The trace for sending a hint: the request id of `request`, which caused the hint, with the trace and span of
    /// this replay. Unrecorded when either trace is not recorded.
    func serving(_ request: RequestTrace) -> RequestTrace {
        guard isRecorded, request.isRecorded else { return request.unrecorded }
        return RequestTrace(
            requestID: request.requestID, traceHigh: traceHigh, traceLow: traceLow, spanID: spanID,
            traceFlags: traceFlags)
    }

    /// A copy of this request trace that is marked as not recorded.
    package var unrecorded: RequestTrace {
        RequestTrace(
            requestID: requestID, traceHigh: traceHigh, traceLow: traceLow, spanID: spanID,
            traceFlags: traceFlags & ~1)
    }
}
