internal import Base

/// A field `name=value` of a log line about an event. Names are literals of this program; values may come from clients.
package struct LogField: Sendable {
    package enum Value: Sendable {
        case text(String)
        case bytes([UInt8])
        case integer(Int)
        case flag(Bool)
        /// A duration, printed in milliseconds. The name of the field should end in `_ms`.
        case duration(nanoseconds: UInt64)
        case requestID(RequestID)
        /// A trace id. The text format writes this field in brackets, `[trace_id=...]`, as is usual for trace ids in
        /// logs.
        case traceID(TraceID)
    }

    package let name: StaticString
    package let value: Value

    package init(_ name: StaticString, _ value: Value) {
        self.name = name
        self.value = value
    }
}

/// The name of a log field, encoded in one format: ` status=` or `,"status":`.
struct FieldName: Sendable {
    let bytes: [UInt8]

    init(_ name: StaticString, _ format: LogFormat) {
        var bytes: [UInt8] = []
        bytes.append(format == .text ? " " : ",\"")
        bytes.append(name)
        bytes.append(format == .text ? "=" : "\":")
        self.bytes = bytes
    }
}

extension LogField {
    /// Upper bound of the encoded size of the log field in bytes, including its name.
    var bound: Int {
        let room = switch value {
        case .text(let text): LogBound.text(text.utf8.count)
        case .bytes(let bytes): LogBound.text(bytes.count)
        case .integer, .flag, .duration: LogBound.number
        case .requestID: ObservabilityLimits.requestIDBytes + 2
        case .traceID: TraceID.digitCount + 2
        }
        return name.utf8CodeUnitCount + 4 + room
    }
}

extension OutputSpan where Element == UInt8 {
    mutating func appendText(
        _ text: Span<UInt8>, _ format: LogFormat, maximumBytes: Int = ObservabilityLimits.logTextBytes
    ) {
        switch format {
        case .text: appendWord(text, maximumBytes: maximumBytes)
        case .json: appendQuoted(text, maximumBytes: maximumBytes)
        }
    }

    mutating func appendID(_ id: RequestID, _ format: LogFormat) {
        if format == .json { append(UInt8(ascii: "\"")) }
        id.append(to: &self)
        if format == .json { append(UInt8(ascii: "\"")) }
    }

    mutating func append(_ field: LogField, _ format: LogFormat) {
        if case .traceID(let id) = field.value, format == .text {
            append(" [")
            append(field.name)
            append(UInt8(ascii: "="))
            id.append(to: &self)
            append(UInt8(ascii: "]"))
            return
        }
        append(FieldName(field.name, format).bytes.span)
        switch field.value {
        case .text(let text): appendText(text.utf8.span, format)
        case .bytes(let bytes): appendText(bytes.span, format)
        case .integer(let number): appendDecimal(number)
        case .flag(let flag): append(flag ? "true" : "false")
        case .duration(let nanoseconds): appendMilliseconds(nanoseconds: nanoseconds)
        case .requestID(let id): appendID(id, format)
        case .traceID(let id):
            append(UInt8(ascii: "\""))
            id.append(to: &self)
            append(UInt8(ascii: "\""))
        }
    }
}
