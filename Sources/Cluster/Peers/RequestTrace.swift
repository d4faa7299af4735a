/// The request id and trace context of the client request that caused an operation. It is sent along between nodes, so
/// that log lines, spans and metrics of every node can refer to the request. It has no influence on the operation.
package struct RequestTrace: Equatable, Sendable {
    /// The request id, 1 to 128 bytes, as returned to the client.
    package let requestID: [UInt8]
    /// The two halves of the W3C trace id, the caller's span id, and the trace flags.
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

    /// For work that no client request caused.
    package static let none = RequestTrace(requestID: [], traceHigh: 0, traceLow: 0, spanID: 0, traceFlags: 0)

    /// Whether the trace is recorded: the W3C `sampled` flag, decided by the node that the client called.
    package var isRecorded: Bool { traceFlags & 1 != 0 }

    /// A copy with another span of the same trace as parent.
    package func under(spanID: UInt64) -> RequestTrace {
        RequestTrace(
            requestID: requestID, traceHigh: traceHigh, traceLow: traceLow, spanID: spanID, traceFlags: traceFlags)
    }

    /// A hint's request, as part of this replay's trace; unrecorded if either trace is not recorded.
    func serving(_ request: RequestTrace) -> RequestTrace {
        guard isRecorded, request.isRecorded else { return request.unrecorded }
        return RequestTrace(
            requestID: request.requestID, traceHigh: traceHigh, traceLow: traceLow, spanID: spanID,
            traceFlags: traceFlags)
    }

    /// A copy with the `sampled` flag cleared.
    package var unrecorded: RequestTrace {
        RequestTrace(
            requestID: requestID, traceHigh: traceHigh, traceLow: traceLow, spanID: spanID,
            traceFlags: traceFlags & ~1)
    }
}
