internal import Base

/// The OTLP message `ExportTraceServiceRequest` in Protocol Buffers: one resource, one scope and its spans.
///
/// The field numbers are from opentelemetry-proto 1.x, `collector/trace/v1` and `trace/v1`. Counts and texts that have
/// their default value are left out, as in proto3; attribute values are always written.
enum OTLPProtobuf {
    /// Appends a span to the encoded spans that `bytes` contains, as a field of the OTLP message `ScopeSpans`.
    static func append(_ span: SpanRecord, to bytes: inout [UInt8]) {
        var writer = ProtobufWriter()
        swap(&writer.output, &bytes)
        writer.message(2) { $0.span(span) }
        swap(&writer.output, &bytes)
    }

    /// Returns a complete export request in Protocol Buffers. `spans` are encoded spans as `append` writes them.
    static func request(_ spans: [UInt8], of resource: TraceResource) -> [UInt8] {
        var writer = ProtobufWriter()
        writer.output.reserveCapacity(spans.count + headBytes)
        writer.message(1) { resourceSpans in
            resourceSpans.message(1) { message in
                for attribute in resource.attributes { message.attribute(1, attribute.key, attribute.value) }
            }
            resourceSpans.message(2) { scopeSpans in
                scopeSpans.message(1) {
                    $0.text(1, TraceResource.scopeName)
                    $0.text(2, resource.scopeVersion)
                }
                scopeSpans.output += spans
            }
        }
        return writer.output
    }

    /// Bytes to reserve in an export request for the resource and the scope, which come before the spans.
    private static let headBytes = 4096
}

extension ProtobufWriter {
    fileprivate mutating func span(_ span: borrowing SpanRecord) {
        id(1, span.traceID)
        id(2, span.spanID)
        if !span.tracestate.bytes.isEmpty { bytes(3, span.tracestate.bytes.span) }
        if let parent = span.parent { id(4, parent) }
        text(5, span.name)
        varint(6, UInt64(span.kind.rawValue))
        fixed64(7, span.startNanoseconds)
        fixed64(8, span.endNanoseconds)
        count(10, span.forEachAttribute { attribute(9, $0, $1) })
        for event in span.events { message(11) { $0.event(event) } }
        count(12, span.droppedEvents)
        for link in span.links { message(13) { $0.link(link) } }
        count(14, span.droppedLinks)
        if case .error(let sentence) = span.status {
            message(15) {
                if !sentence.isEmpty { $0.text(2, sentence) }
                $0.varint(3, OTLP.statusError)
            }
        }
        fixed32(16, span.otlpFlags)
    }

    private mutating func event(_ event: SpanEvent) {
        fixed64(1, event.nanoseconds)
        text(2, event.name)
        for attribute in event.attributes { self.attribute(3, attribute.key, attribute.value) }
    }

    private mutating func link(_ link: SpanLink) {
        id(1, link.traceID)
        id(2, link.spanID)
        if link.flags.rawValue != 0 { fixed32(6, UInt32(link.flags.rawValue)) }
    }

    fileprivate mutating func attribute(_ field: Int, _ key: String, _ value: SpanAttribute.Value) {
        switch value {
        case .text(let text): pair(field, key, text.utf8.span)
        case .bytes(let bytes): pair(field, key, repaired: bytes)
        case .requestID(let id): pair(field, key, byteCount: id.textByteCount) { id.append(to: &$0) }
        case .flag(let flag): pair(field, key, 2, flag ? 1 : 0)
        case .integer(let number): pair(field, key, 3, UInt64(bitPattern: Int64(number)))
        }
    }

    private mutating func pair(_ field: Int, _ key: String, _ value: Span<UInt8>) {
        pair(field, key, byteCount: value.count) { $0.append(value) }
    }

    /// Writes an OTLP attribute whose value is text. Invalid UTF-8 is replaced, because a collector refuses a complete
    /// batch if one text in it is not valid UTF-8.
    private mutating func pair(_ field: Int, _ key: String, repaired bytes: ArraySlice<UInt8>) {
        if (try? UTF8Span(validating: bytes.span)) != nil {
            pair(field, key, bytes.span)
        } else {
            pair(field, key, String(repairing: bytes.span).utf8.span)
        }
    }

    private mutating func count(_ field: Int, _ count: Int) {
        if count > 0 { varint(field, UInt64(count)) }
    }

    private mutating func id(_ field: Int, _ id: TraceID) {
        let bytes = InlineArray<16, UInt8> { index in
            UInt8(truncatingIfNeeded: (index < 8 ? id.high : id.low) >> UInt64(56 - 8 * (index & 7)))
        }
        self.bytes(field, bytes.span)
    }

    private mutating func id(_ field: Int, _ id: SpanID) {
        let bytes = InlineArray<8, UInt8> { UInt8(truncatingIfNeeded: id.rawValue >> UInt64(56 - 8 * $0)) }
        self.bytes(field, bytes.span)
    }
}
