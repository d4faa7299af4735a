internal import Base

/// The same request as JSON, by OTLP's own mapping and not the usual one of Protocol Buffers: names in camel case, ids
/// in hexadecimal, enumerations as numbers, integers of 64 bits as text.
package enum OTLPJSON {
    package static let contentType = "application/json"

    /// Writes one span behind those that `bytes` holds.
    static func append(_ span: SpanRecord, to bytes: inout [UInt8]) {
        if !bytes.isEmpty { bytes.append(",") }
        bytes.append(span)
    }

    /// Without a line end. `spans`: what `append` has written.
    static func request(_ spans: [UInt8], of resource: TraceResource) -> [UInt8] {
        var text: [UInt8] = []
        text.append(#"{"resourceSpans":[{"resource":{"attributes":"#)
        text.append(resource.attributes)
        text.append(#"},"scopeSpans":[{"scope":{"name":"#)
        text.appendJSONString(TraceResource.scopeName)
        text.append(#","version":"#)
        text.appendJSONString(resource.scopeVersion)
        text.append(#"},"spans":["#)
        text += spans
        text.append("]}]}]}")
        return text
    }
}

extension Array where Element == UInt8 {
    fileprivate mutating func append(_ span: SpanRecord) {
        appendIDs(span.traceID, span.spanID)
        if !span.tracestate.bytes.isEmpty {
            append(#","traceState":"#)
            appendJSONString(span.tracestate.bytes)
        }
        if let parent = span.parent {
            append(#","parentSpanId":""#)
            parent.append(to: &self)
            append("\"")
        }
        append(#","name":"#)
        appendJSONString(span.name)
        append(#","kind":"#)
        appendDecimal(span.kind.rawValue)
        append(#","startTimeUnixNano":""#)
        appendDecimal(span.startNanoseconds)
        append(#"","endTimeUnixNano":""#)
        appendDecimal(span.endNanoseconds)
        append("\"")
        appendLists(of: span)
        if case .error(let sentence) = span.status {
            append(#","status":{"code":"#)
            appendDecimal(OTLP.statusError)
            if !sentence.isEmpty {
                append(#","message":"#)
                appendJSONString(sentence)
            }
            append("}")
        }
        append(#","flags":"#)
        appendDecimal(UInt64(span.otlpFlags))
        append("}")
    }

    private mutating func appendLists(of span: SpanRecord) {
        append(#","attributes":["#)
        var count = 0
        let dropped = span.forEachAttribute { key, value in
            append(key, value, isFirst: count == 0)
            count += 1
        }
        append("]")
        appendCount(#","droppedAttributesCount":"#, dropped)
        if !span.events.isEmpty {
            append(#","events":["#)
            for (index, event) in span.events.enumerated() {
                append(index > 0 ? #",{"timeUnixNano":""# : #"{"timeUnixNano":""#)
                appendDecimal(event.nanoseconds)
                append(#"","name":"#)
                appendJSONString(event.name)
                append(#","attributes":"#)
                append(event.attributes)
                append("}")
            }
            append("]")
        }
        appendCount(#","droppedEventsCount":"#, span.droppedEvents)
        if !span.links.isEmpty {
            append(#","links":["#)
            for (index, link) in span.links.enumerated() {
                if index > 0 { append(",") }
                appendIDs(link.traceID, link.spanID)
                append(#","flags":"#)
                appendDecimal(UInt64(link.flags.rawValue))
                append("}")
            }
            append("]")
        }
        appendCount(#","droppedLinksCount":"#, span.droppedLinks)
    }

    /// The beginning of an object.
    private mutating func appendIDs(_ traceID: TraceID, _ spanID: SpanID) {
        append(#"{"traceId":""#)
        traceID.append(to: &self)
        append(#"","spanId":""#)
        spanID.append(to: &self)
        append("\"")
    }

    private mutating func appendCount(_ name: StaticString, _ count: Int) {
        guard count > 0 else { return }
        append(name)
        appendDecimal(count)
    }

    fileprivate mutating func append(_ attributes: [SpanAttribute]) {
        append("[")
        for (index, attribute) in attributes.enumerated() {
            append(attribute.key, attribute.value, isFirst: index == 0)
        }
        append("]")
    }

    private mutating func append(_ key: String, _ value: SpanAttribute.Value, isFirst: Bool) {
        append(isFirst ? #"{"key":"# : #",{"key":"#)
        appendJSONString(key)
        append(#","value":{"#)
        append(value)
        append("}}")
    }

    private mutating func append(_ value: SpanAttribute.Value) {
        switch value {
        case .text(let text):
            append(#""stringValue":"#)
            appendJSONString(text)
        case .bytes(let bytes):
            append(#""stringValue":"#)
            appendJSONString(bytes.span)
        case .requestID(let id): append(.text(id.text))
        case .flag(let flag): append(flag ? #""boolValue":true"# : #""boolValue":false"#)
        case .integer(let number):
            append(#""intValue":""#)
            appendDecimal(number)
            append("\"")
        }
    }
}
