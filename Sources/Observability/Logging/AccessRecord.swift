/// A finished request, for the access log and for its span. It shares the bytes of the request head and copies none of
/// them.
package struct AccessRecord: Sendable {
    /// The wall-clock time at which the request ended, in nanoseconds since 1970.
    package var wallNanoseconds: UInt64
    /// The method, the target and the user agent are unescaped text from the client. They are empty if the received
    /// bytes were not HTTP.
    package var method: ArraySlice<UInt8>
    package var target: ArraySlice<UInt8>
    package var userAgent: ArraySlice<UInt8>
    /// The path template of the route that serves the request, or nil if the path matches no route.
    package var route: String?
    package var operation: RequestOperation
    /// The name of the table, or empty if the request does not concern a table.
    package var table: String
    package var status: Int
    package var durationNanoseconds: UInt64
    package var bytesIn: Int
    package var bytesOut: Int
    package var peer: String
    package var requestID: RequestID
    package var traceID: TraceID
    /// The span of the request, or nil if the trace of the request is not recorded.
    package var spanID: SpanID?
    /// The message of the error that the response reports, or nil if the request succeeded.
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

    /// The log level of the request. Server errors are warnings; errors caused by the client are not.
    package var level: LogLevel { status >= 500 ? .warn : .info }
}
