internal import Base

/// Encodes the log records of one node as lines in one format, text or JSON. Every line ends with a line feed and
/// contains no other.
package struct LogEncoder: Sendable {
    package let format: LogFormat
    /// The log field `node_id` with the id of this node, encoded once for all lines.
    private let nodeID: [UInt8]
    /// The log field `operation` with each of its values, encoded once for all lines.
    private let operations: LabelTable<RequestOperation, [UInt8]>
    private var timestamps = TimestampWriter()

    package init(format: LogFormat, nodeID: String) {
        self.format = format
        var field = FieldName("node_id", format).bytes
        field.append(addingCapacity: LogBound.text(nodeID.utf8.count)) { $0.appendText(nodeID.utf8.span, format) }
        self.nodeID = field
        let quote = format == .text ? "" : "\""
        operations = LabelTable { FieldName("operation", format).bytes + (quote + $0.rawValue + quote).utf8 }
    }

    package mutating func append(_ record: EventRecord, to bytes: inout [UInt8]) {
        let fields = record.fields.reduce(0) { $0 + $1.bound }
        let room = Self.frameBytes + nodeID.count + LogBound.text(record.message.utf8.count) + fields
        bytes.append(addingCapacity: room) { append(record, to: &$0) }
    }

    package mutating func append(_ record: AccessRecord, to bytes: inout [UInt8]) {
        let room = Self.frameBytes + nodeID.count + record.bound
        bytes.write(atMost: room) { append(record, to: &$0) }
    }

    /// Upper bound of the bytes that a log line needs besides its values: timestamp, level, field names, braces, ids
    /// and all other parts of fixed length.
    private static let frameBytes = 512

    private mutating func append(_ record: EventRecord, to bytes: inout OutputSpan<UInt8>) {
        appendStart(record.wallNanoseconds, record.level, to: &bytes)
        switch format {
        case .text:
            bytes.appendEscaped(record.message.utf8.span)
            for field in record.fields { bytes.append(field, .text) }
            bytes.append(nodeID.span)
        case .json:
            bytes.appendQuoted(record.message.utf8.span)
            bytes.append(nodeID.span)
            for field in record.fields { bytes.append(field, .json) }
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func append(_ record: AccessRecord, to bytes: inout OutputSpan<UInt8>) {
        appendStart(record.wallNanoseconds, record.level, to: &bytes)
        switch format {
        case .text: appendText(record, to: &bytes)
        case .json: appendJSON(record, to: &bytes)
        }
    }

    /// Appends the first part of a log line, the timestamp and the level. In JSON it is everything before the value of
    /// `msg`.
    private mutating func appendStart(_ wallNanoseconds: UInt64, _ level: LogLevel, to bytes: inout OutputSpan<UInt8>) {
        if format == .json { bytes.append("{\"ts\":\"") }
        timestamps.append(wallNanoseconds: wallNanoseconds, to: &bytes)
        bytes.append(level.afterTimestamp(format))
    }
}

// MARK: Access log lines

// The names of log fields are literals in this code: a literal of known length is written with one or two stores, and
// an access log line takes only 140 ns. A table of names, or a general JSON writer, would add a call for each name.
extension LogEncoder {
    /// Appends the access log line of one request in the text format, from its message on. Fields with empty values are
    /// left out.
    private func appendText(_ record: AccessRecord, to bytes: inout OutputSpan<UInt8>) {
        bytes.append("access")
        if !record.method.isEmpty {
            bytes.append(" method=")
            bytes.appendWord(record.method.span)
        }
        if !record.target.isEmpty {
            bytes.append(" path=")
            bytes.appendWord(record.target.span, maximumBytes: ObservabilityLimits.logTargetBytes)
        }
        let operation = operations[record.operation]
        bytes.append(operation.span)
        if !record.table.isEmpty {
            bytes.append(" table=")
            bytes.appendWord(record.table.utf8.span)
        }
        bytes.append(" status=")
        bytes.appendDecimal(record.status)
        bytes.append(" duration_ms=")
        bytes.appendMilliseconds(nanoseconds: record.durationNanoseconds)
        bytes.append(" bytes_in=")
        bytes.appendDecimal(record.bytesIn)
        bytes.append(" bytes_out=")
        bytes.appendDecimal(record.bytesOut)
        bytes.append(" peer=")
        bytes.appendWord(record.peer.utf8.span)
        if !record.userAgent.isEmpty {
            bytes.append(" user_agent=")
            bytes.appendWord(record.userAgent.span, maximumBytes: ObservabilityLimits.logUserAgentBytes)
        }
        if let error = record.error {
            bytes.append(" error=")
            bytes.appendWord(error.utf8.span)
        }
        bytes.append(" [trace_id=")
        record.traceID.append(to: &bytes)
        bytes.append("] request_id=")
        record.requestID.append(to: &bytes)
        bytes.append(nodeID.span)
        bytes.append("\n")
    }

    /// Appends the access log line of one request as JSON. All access log lines have the same fields, except for
    /// optional ones.
    private func appendJSON(_ record: AccessRecord, to bytes: inout OutputSpan<UInt8>) {
        bytes.append(#""request""#)
        bytes.append(nodeID.span)
        bytes.append(#","request_id":""#)
        record.requestID.append(to: &bytes)
        bytes.append(#"","trace_id":""#)
        record.traceID.append(to: &bytes)
        if let spanID = record.spanID {
            bytes.append(#"","span_id":""#)
            spanID.append(to: &bytes)
        }
        bytes.append(#"","method":"#)
        bytes.appendQuoted(record.method.span)
        bytes.append(#","path":"#)
        bytes.appendQuoted(record.target.span, maximumBytes: ObservabilityLimits.logTargetBytes)
        if let route = record.route {
            bytes.append(#","route":""#)
            bytes.append(route.utf8.span)
            bytes.append(#"""#)
        }
        let operation = operations[record.operation]
        bytes.append(operation.span)
        bytes.append(#","table":"#)
        bytes.appendQuoted(record.table.utf8.span)
        bytes.append(#","status":"#)
        bytes.appendDecimal(record.status)
        bytes.append(#","duration_ms":"#)
        bytes.appendMilliseconds(nanoseconds: record.durationNanoseconds)
        bytes.append(#","bytes_in":"#)
        bytes.appendDecimal(record.bytesIn)
        bytes.append(#","bytes_out":"#)
        bytes.appendDecimal(record.bytesOut)
        bytes.append(#","peer":"#)
        bytes.appendQuoted(record.peer.utf8.span)
        if !record.userAgent.isEmpty {
            bytes.append(#","user_agent":"#)
            bytes.appendQuoted(record.userAgent.span, maximumBytes: ObservabilityLimits.logUserAgentBytes)
        }
        if let error = record.error {
            bytes.append(#","error":"#)
            bytes.appendQuoted(error.utf8.span)
        }
        bytes.append("}\n")
    }
}

extension AccessRecord {
    /// Upper bound of the encoded size of all values in the access log line of the request, in bytes.
    fileprivate var bound: Int {
        LogBound.text(method.count) + LogBound.text(target.count, maximumBytes: ObservabilityLimits.logTargetBytes)
            + LogBound.text(userAgent.count, maximumBytes: ObservabilityLimits.logUserAgentBytes)
            + LogBound.text(table.utf8.count) + LogBound.text(peer.utf8.count)
            + LogBound.text(error?.utf8.count ?? 0) + (route?.utf8.count ?? 0)
            + ObservabilityLimits.requestIDBytes + 5 * LogBound.number
    }
}
