internal import Base

/// Writes records as lines, in one format, for one node. Every line ends with a line feed and holds no other.
package struct LogEncoder: Sendable {
    package let format: LogFormat
    /// The field, encoded.
    private let nodeID: [UInt8]
    private let names: AccessNames
    private var timestamps = TimestampWriter()

    package init(format: LogFormat, nodeID: String) {
        self.format = format
        var field = FieldName("node_id", format).bytes
        field.append(addingCapacity: LogBound.text(nodeID.utf8.count)) { $0.appendText(nodeID.utf8.span, format) }
        self.nodeID = field
        names = AccessNames(format)
    }

    package mutating func append(_ record: EventRecord, to bytes: inout [UInt8]) {
        let fields = record.fields.reduce(0) { $0 + $1.bound }
        let room = Self.frameBytes + nodeID.count + LogBound.text(record.message.utf8.count) + fields
        bytes.append(addingCapacity: room) { append(record, to: &$0) }
    }

    package mutating func append(_ record: AccessRecord, to bytes: inout [UInt8]) {
        let room = Self.frameBytes + nodeID.count + names.byteCount + record.bound
        bytes.append(addingCapacity: room) { append(record, to: &$0) }
    }

    /// Moment, level, braces and what else is of fixed length.
    private static let frameBytes = 256

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
        case .text:
            bytes.append("access")
            appendRequest(record, to: &bytes)
            appendOutcome(record, to: &bytes)
            appendTraceID(record, to: &bytes)
            appendRequestID(record, to: &bytes)
            bytes.append(nodeID.span)
            bytes.append(UInt8(ascii: "\n"))
        case .json:
            bytes.append("\"request\"")
            bytes.append(nodeID.span)
            appendRequestID(record, to: &bytes)
            appendTraceID(record, to: &bytes)
            appendRequest(record, to: &bytes)
            appendOutcome(record, to: &bytes)
            bytes.append("}\n")
        }
    }

    /// The moment and the level; in JSON up to the value of `msg`.
    private mutating func appendStart(_ wallNanoseconds: UInt64, _ level: LogLevel, to bytes: inout OutputSpan<UInt8>) {
        if format == .json { bytes.append("{\"ts\":\"") }
        timestamps.append(wallNanoseconds: wallNanoseconds, to: &bytes)
        bytes.append(level.afterTimestamp(format))
    }
}

// MARK: The parts of an access line

extension LogEncoder {
    /// In text, what is empty is left out; in JSON every line has the same fields.
    private func appendRequest(_ record: AccessRecord, to bytes: inout OutputSpan<UInt8>) {
        if format == .json || !record.method.isEmpty {
            bytes.append(names.method.span)
            bytes.appendText(record.method.span, format)
        }
        if format == .json || !record.target.isEmpty {
            bytes.append(names.path.span)
            bytes.appendText(record.target.span, format, maximumBytes: ObservabilityLimits.logTargetBytes)
        }
        // Braces are no word in text, and the path is there.
        if format == .json, let route = record.route {
            bytes.append(names.route.span)
            bytes.append(UInt8(ascii: "\""))
            bytes.append(route.utf8.span)
            bytes.append(UInt8(ascii: "\""))
        }
        let operation = names.operations[record.operation.rawValue]
        bytes.append(operation.span)
        if format == .json || !record.table.isEmpty {
            bytes.append(names.table.span)
            bytes.appendText(record.table.utf8.span, format)
        }
    }

    private func appendOutcome(_ record: AccessRecord, to bytes: inout OutputSpan<UInt8>) {
        bytes.append(names.status.span)
        bytes.appendDecimal(record.status)
        bytes.append(names.duration.span)
        bytes.appendMilliseconds(nanoseconds: record.durationNanoseconds)
        bytes.append(names.bytesIn.span)
        bytes.appendDecimal(record.bytesIn)
        bytes.append(names.bytesOut.span)
        bytes.appendDecimal(record.bytesOut)
        bytes.append(names.peer.span)
        bytes.appendText(record.peer.utf8.span, format)
        if !record.userAgent.isEmpty {
            bytes.append(names.userAgent.span)
            bytes.appendText(record.userAgent.span, format, maximumBytes: ObservabilityLimits.logUserAgentBytes)
        }
        if let error = record.error {
            bytes.append(names.error.span)
            bytes.appendText(error.utf8.span, format)
        }
    }

    private func appendTraceID(_ record: AccessRecord, to bytes: inout OutputSpan<UInt8>) {
        bytes.append(names.traceID.span)
        record.traceID.append(to: &bytes)
        bytes.append(names.traceIDEnd.span)
        guard format == .json, let spanID = record.spanID else { return }
        bytes.append(names.spanID.span)
        bytes.append(UInt8(ascii: "\""))
        spanID.append(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    private func appendRequestID(_ record: AccessRecord, to bytes: inout OutputSpan<UInt8>) {
        bytes.append(names.requestID.span)
        bytes.appendID(record.requestID, format)
    }
}

extension AccessRecord {
    /// Bytes that its values take at the most.
    fileprivate var bound: Int {
        LogBound.text(method.count) + LogBound.text(target.count, maximumBytes: ObservabilityLimits.logTargetBytes)
            + LogBound.text(userAgent.count, maximumBytes: ObservabilityLimits.logUserAgentBytes)
            + LogBound.text(table.utf8.count) + LogBound.text(peer.utf8.count)
            + LogBound.text(error?.utf8.count ?? 0) + (route?.utf8.count ?? 0)
            + ObservabilityLimits.requestIDBytes + 5 * LogBound.number
    }
}
