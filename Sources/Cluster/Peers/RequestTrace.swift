/// The client's request that an operation between nodes serves: carried with it, so that every node's log lines,
/// spans and metrics can name the request. Nothing is decided by it.
package struct RequestTrace: Equatable, Sendable {
    /// 1 to 128 bytes, as the client is told it.
    package let requestID: [UInt8]
    /// The W3C trace id, both halves big-endian; the span id of the caller; the trace flags.
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

    /// Of what a node does on its own account.
    package static let none = RequestTrace(requestID: [], traceHigh: 0, traceLow: 0, spanID: 0, traceFlags: 0)

    /// Whether its trace is recorded: the W3C flag `sampled`, decided where the request entered the cluster.
    package var isRecorded: Bool { traceFlags & 1 != 0 }

    /// The same request, under another span of the same trace.
    package func under(spanID: UInt64) -> RequestTrace {
        RequestTrace(
            requestID: requestID, traceHigh: traceHigh, traceLow: traceLow, spanID: spanID, traceFlags: traceFlags)
    }

    /// The request that a hint names, in the trace of its replay; as it was where that is not recorded.
    func serving(_ request: RequestTrace) -> RequestTrace {
        guard isRecorded, request.isRecorded else { return request.unrecorded }
        return RequestTrace(
            requestID: request.requestID, traceHigh: traceHigh, traceLow: traceLow, spanID: spanID,
            traceFlags: traceFlags)
    }

    /// The same, of which nothing more is recorded.
    package var unrecorded: RequestTrace {
        RequestTrace(
            requestID: requestID, traceHigh: traceHigh, traceLow: traceLow, spanID: spanID,
            traceFlags: traceFlags & ~1)
    }
}
