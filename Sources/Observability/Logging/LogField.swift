internal import Base

/// One `name=value` of a line. Names are ours, values may be anything.
package struct LogField: Sendable {
    package enum Value: Sendable {
        case text(String)
        case bytes([UInt8])
        case integer(Int)
        case flag(Bool)
        /// Printed in milliseconds: let the name end in `_ms`.
        case duration(nanoseconds: UInt64)
        case requestID(RequestID)
        case traceID(TraceID)
    }

    package let name: StaticString
    package let value: Value

    package init(_ name: StaticString, _ value: Value) {
        self.name = name
        self.value = value
    }
}

extension Array where Element == UInt8 {
    mutating func appendFieldName(_ name: StaticString, _ format: LogFormat) {
        switch format {
        case .text:
            append(UInt8(ascii: " "))
            append(name)
            append(UInt8(ascii: "="))
        case .json:
            append(",\"")
            append(name)
            append("\":")
        }
    }

    mutating func appendField(
        _ name: StaticString, _ text: Span<UInt8>, _ format: LogFormat,
        maximumBytes: Int = ObservabilityLimits.logTextBytes
    ) {
        appendFieldName(name, format)
        switch format {
        case .text: appendWord(text, maximumBytes: maximumBytes)
        case .json: appendQuoted(text, maximumBytes: maximumBytes)
        }
    }

    mutating func appendField(_ name: StaticString, _ text: String, _ format: LogFormat) {
        appendField(name, text.utf8.span, format)
    }

    mutating func appendField(_ name: StaticString, _ number: Int, _ format: LogFormat) {
        appendFieldName(name, format)
        appendDecimal(number)
    }

    mutating func appendField(_ name: StaticString, nanoseconds: UInt64, _ format: LogFormat) {
        appendFieldName(name, format)
        appendMilliseconds(nanoseconds: nanoseconds)
    }

    mutating func appendField(_ name: StaticString, _ id: RequestID, _ format: LogFormat) {
        appendFieldName(name, format)
        if format == .json { append(UInt8(ascii: "\"")) }
        id.append(to: &self)
        if format == .json { append(UInt8(ascii: "\"")) }
    }

    /// In text a trace id stands in brackets, as those who read such logs expect it.
    mutating func appendField(_ name: StaticString, _ id: TraceID, _ format: LogFormat) {
        switch format {
        case .text:
            append(" [")
            append(name)
            append(UInt8(ascii: "="))
            id.append(to: &self)
            append(UInt8(ascii: "]"))
        case .json:
            appendFieldName(name, format)
            append(UInt8(ascii: "\""))
            id.append(to: &self)
            append(UInt8(ascii: "\""))
        }
    }

    mutating func appendField(_ field: LogField, _ format: LogFormat) {
        switch field.value {
        case .text(let text): appendField(field.name, text, format)
        case .bytes(let bytes): appendField(field.name, bytes.span, format)
        case .integer(let number): appendField(field.name, number, format)
        case .duration(let nanoseconds): appendField(field.name, nanoseconds: nanoseconds, format)
        case .requestID(let id): appendField(field.name, id, format)
        case .traceID(let id): appendField(field.name, id, format)
        case .flag(let flag):
            appendFieldName(field.name, format)
            append(flag ? "true" : "false")
        }
    }
}
