internal import Base

/// Writes records as lines, in one format, for one node. Every line ends with a line feed and holds no other.
package struct LogEncoder: Sendable {
    package let format: LogFormat
    /// The field, encoded.
    private let nodeID: [UInt8]

    package init(format: LogFormat, nodeID: String) {
        self.format = format
        var field: [UInt8] = []
        field.appendField("node_id", nodeID, format)
        self.nodeID = field
    }

    package func append(_ record: AccessRecord, to bytes: inout [UInt8]) {
        switch format {
        case .text: appendText(record, to: &bytes)
        case .json: appendJSON(record, to: &bytes)
        }
    }

    package func append(_ record: EventRecord, to bytes: inout [UInt8]) {
        switch format {
        case .text:
            appendTextStart(record.wallNanoseconds, record.level, to: &bytes)
            bytes.appendEscaped(record.message.utf8.span)
            for field in record.fields { bytes.appendField(field, .text) }
            bytes.append(contentsOf: nodeID)
        case .json:
            appendJSONStart(record.wallNanoseconds, record.level, to: &bytes)
            bytes.appendQuoted(record.message.utf8.span)
            bytes.append(contentsOf: nodeID)
            for field in record.fields { bytes.appendField(field, .json) }
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: "\n"))
    }
}

// MARK: Requests

extension LogEncoder {
    private func appendText(_ record: AccessRecord, to bytes: inout [UInt8]) {
        appendTextStart(record.wallNanoseconds, record.level, to: &bytes)
        bytes.append("access")
        if !record.method.isEmpty { bytes.appendField("method", record.method.span, .text) }
        appendTarget(record, to: &bytes)
        bytes.appendField("operation", record.operation.label, .text)
        if !record.table.isEmpty { bytes.appendField("table", record.table, .text) }
        appendOutcome(record, to: &bytes)
        bytes.appendField("trace_id", record.traceID, .text)
        bytes.appendField("request_id", record.requestID, .text)
        bytes.append(contentsOf: nodeID)
        bytes.append(UInt8(ascii: "\n"))
    }

    private func appendJSON(_ record: AccessRecord, to bytes: inout [UInt8]) {
        appendJSONStart(record.wallNanoseconds, record.level, to: &bytes)
        bytes.append("\"request\"")
        bytes.append(contentsOf: nodeID)
        bytes.appendField("request_id", record.requestID, .json)
        bytes.appendField("trace_id", record.traceID, .json)
        bytes.appendField("method", record.method.span, .json)
        appendTarget(record, to: &bytes)
        bytes.appendField("operation", record.operation.label, .json)
        bytes.appendField("table", record.table, .json)
        appendOutcome(record, to: &bytes)
        bytes.append("}\n")
    }

    private func appendTarget(_ record: AccessRecord, to bytes: inout [UInt8]) {
        if format == .text, record.target.isEmpty { return }
        bytes.appendField("path", record.target.span, format, maximumBytes: ObservabilityLimits.logTargetBytes)
    }

    private func appendOutcome(_ record: AccessRecord, to bytes: inout [UInt8]) {
        bytes.appendField("status", record.status, format)
        bytes.appendField("duration_ms", nanoseconds: record.durationNanoseconds, format)
        bytes.appendField("bytes_in", record.bytesIn, format)
        bytes.appendField("bytes_out", record.bytesOut, format)
        bytes.appendField("peer", record.peer, format)
        if !record.userAgent.isEmpty {
            bytes.appendField(
                "user_agent", record.userAgent.span, format, maximumBytes: ObservabilityLimits.logUserAgentBytes)
        }
        if let error = record.error { bytes.appendField("error", error, format) }
    }
}

// MARK: How lines begin

extension LogEncoder {
    private func appendTextStart(_ wallNanoseconds: UInt64, _ level: LogLevel, to bytes: inout [UInt8]) {
        bytes.appendTimestamp(wallNanoseconds: wallNanoseconds)
        bytes.append(UInt8(ascii: " "))
        bytes.append(level.uppercase)
        bytes.append(UInt8(ascii: " "))
    }

    /// Up to the value of `msg`.
    private func appendJSONStart(_ wallNanoseconds: UInt64, _ level: LogLevel, to bytes: inout [UInt8]) {
        bytes.append("{\"ts\":\"")
        bytes.appendTimestamp(wallNanoseconds: wallNanoseconds)
        bytes.append("\",\"level\":\"")
        bytes.append(level.lowercase)
        bytes.append("\",\"msg\":")
    }
}
