internal import Base

/// Spans as OTLP's `ExportTraceServiceRequest` in Protocol Buffers: one resource, one scope, its spans.
///
/// The numbers are those of opentelemetry-proto 1.x, `collector/trace/v1` and `trace/v1`. Counts and texts at their
/// default are left out, as proto3 does; a value that an attribute holds never is.
package enum OTLPProtobuf {
    package static let contentType = "application/x-protobuf"

    package static func request(_ spans: [SpanRecord], of resource: TraceResource) -> [UInt8] {
        var writer = ProtobufWriter()
        writer.message(1) { resourceSpans in
            resourceSpans.message(1) { $0.attributes(1, resource.attributes) }
            resourceSpans.message(2) { scopeSpans in
                scopeSpans.message(1) {
                    $0.text(1, TraceResource.scopeName)
                    $0.text(2, resource.scopeVersion)
                }
                for span in spans { scopeSpans.message(2) { $0.span(span) } }
            }
        }
        return writer.output
    }
}

extension ProtobufWriter {
    fileprivate mutating func span(_ span: SpanRecord) {
        bytes(1, span.traceID.bytes)
        bytes(2, span.spanID.bytes)
        if !span.tracestate.bytes.isEmpty { bytes(3, span.tracestate.bytes) }
        if let parent = span.parent { bytes(4, parent.bytes) }
        text(5, span.name)
        varint(6, UInt64(span.kind.rawValue))
        fixed64(7, span.startNanoseconds)
        fixed64(8, span.endNanoseconds)
        attributes(9, span.attributes)
        count(10, span.droppedAttributes)
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
        attributes(3, event.attributes)
    }

    private mutating func link(_ link: SpanLink) {
        bytes(1, link.traceID.bytes)
        bytes(2, link.spanID.bytes)
        if link.flags.rawValue != 0 { fixed32(6, UInt32(link.flags.rawValue)) }
    }

    fileprivate mutating func attributes(_ field: Int, _ attributes: [SpanAttribute]) {
        for attribute in attributes {
            message(field) {
                $0.text(1, attribute.key)
                $0.message(2) { $0.value(attribute.value) }
            }
        }
    }

    private mutating func value(_ value: SpanAttribute.Value) {
        switch value {
        case .text(let text): self.text(1, text)
        // A text field must be UTF-8, or a collector refuses all of the batch.
        case .bytes(let bytes): text(1, String(repairing: bytes.span))
        case .flag(let flag): varint(2, flag ? 1 : 0)
        case .integer(let number): varint(3, UInt64(bitPattern: Int64(number)))
        }
    }

    private mutating func count(_ field: Int, _ count: Int) {
        if count > 0 { varint(field, UInt64(count)) }
    }
}

extension TraceID {
    fileprivate var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(high)
        bytes.appendBigEndian(low)
        return bytes
    }
}

extension SpanID {
    fileprivate var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(rawValue)
        return bytes
    }
}
