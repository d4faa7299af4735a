internal import Base

/// The names of an access line's fields and the values that come from closed sets, encoded once for one format.
struct AccessNames: Sendable {
    let method, path, route, table, status, duration, bytesIn, bytesOut, peer, userAgent, error: [UInt8]
    let requestID, spanID: [UInt8]
    /// What stands around the digits of a trace id.
    let traceID, traceIDEnd: [UInt8]
    /// By operation: name and value.
    let operations: [[UInt8]]
    /// Of all of them, with the longest operation.
    let byteCount: Int

    init(_ format: LogFormat) {
        func name(_ text: StaticString) -> [UInt8] { FieldName(text, format).bytes }
        method = name("method")
        path = name("path")
        route = name("route")
        table = name("table")
        status = name("status")
        duration = name("duration_ms")
        bytesIn = name("bytes_in")
        bytesOut = name("bytes_out")
        peer = name("peer")
        userAgent = name("user_agent")
        error = name("error")
        requestID = name("request_id")
        spanID = name("span_id")
        traceID = Array((format == .text ? " [trace_id=" : ",\"trace_id\":\"").utf8)
        traceIDEnd = Array((format == .text ? "]" : "\"").utf8)
        operations = RequestOperation.allCases.map { operation in
            var field = name("operation")
            field.append(addingCapacity: LogBound.text(operation.label.utf8.count)) {
                $0.appendText(operation.label.utf8.span, format)
            }
            return field
        }
        let all = [
            method, path, route, table, status, duration, bytesIn, bytesOut, peer, userAgent, error, requestID, spanID,
            traceID, traceIDEnd,
        ]
        byteCount = all.reduce(0) { $0 + $1.count } + (operations.map(\.count).max() ?? 0)
    }
}
