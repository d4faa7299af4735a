/// One request that is done, for the log. It shares the bytes of the request's head and copies none of them.
package struct AccessRecord: Sendable {
    /// Nanoseconds since 1970, when the request was done.
    package var wallNanoseconds: UInt64
    /// Method, target and user agent are as the client sent them: hostile until escaped. Empty when the bytes were no
    /// HTTP.
    package var method: ArraySlice<UInt8>
    package var target: ArraySlice<UInt8>
    package var userAgent: ArraySlice<UInt8>
    /// The path as the API describes it; nil where there is no such path.
    package var route: String?
    package var operation: RequestOperation
    /// Empty when the request concerns none.
    package var table: String
    package var status: Int
    package var durationNanoseconds: UInt64
    package var bytesIn: Int
    package var bytesOut: Int
    package var peer: String
    package var requestID: RequestID
    package var traceID: TraceID
    /// Of a request that is recorded.
    package var spanID: SpanID?
    /// Why it failed, if it did.
    package var error: String?

    @inlinable
    package init(
        wallNanoseconds: UInt64, method: ArraySlice<UInt8>, target: ArraySlice<UInt8>,
        userAgent: ArraySlice<UInt8> = [], route: String? = nil, operation: RequestOperation,
        table: String, status: Int, durationNanoseconds: UInt64, bytesIn: Int, bytesOut: Int, peer: String,
        requestID: RequestID, traceID: TraceID, spanID: SpanID? = nil, error: String? = nil
    ) {
        self.wallNanoseconds = wallNanoseconds
        self.method = method
        self.target = target
        self.userAgent = userAgent
        self.route = route
        self.operation = operation
        self.table = table
        self.status = status
        self.durationNanoseconds = durationNanoseconds
        self.bytesIn = bytesIn
        self.bytesOut = bytesOut
        self.peer = peer
        self.requestID = requestID
        self.traceID = traceID
        self.spanID = spanID
        self.error = error
    }

    /// A refusal of ours is worth a look, a refusal of the client's doing is not.
    package var level: LogLevel { status >= 500 ? .warn : .info }
}
