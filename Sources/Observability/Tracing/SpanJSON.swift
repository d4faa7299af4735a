package import Base

/// The names of the members of a span in JSON, and the form of some values. They differ between the two readers of
/// spans: collectors and `hedgehogctl trace`.
package struct SpanJSONForm: Sendable {
    let traceID, spanID, parentID, start, end, eventTime: StaticString
    let isOTLP: Bool

    /// The JSON of spans in the JSON mapping of OTLP, which collectors read.
    static let otlp = SpanJSONForm(
        traceID: "traceId", spanID: "spanId", parentID: "parentSpanId", start: "startTimeUnixNano",
        end: "endTimeUnixNano", eventTime: "timeUnixNano", isOTLP: true)

    /// The JSON of spans in the response of `/api/v1/debug/traces`, which `hedgehogctl trace` reads.
    package static let listing = SpanJSONForm(
        traceID: "trace_id", spanID: "span_id", parentID: "parent_span_id", start: "start_nanoseconds",
        end: "end_nanoseconds", eventTime: "at_nanoseconds", isOTLP: false)
}

extension JSONWriter {
    package mutating func span(_ span: SpanRecord, _ form: SpanJSONForm) {
        object {
            $0.ids(span.traceID, span.spanID, form)
            if form.isOTLP, !span.tracestate.bytes.isEmpty {
                $0.member("traceState") { $0.text(span.tracestate.bytes.span) }
            }
            if let parent = span.parent {
                $0.member(form.parentID) { $0.plain { parent.append(to: &$0) } }
                if !form.isOTLP { $0.member("parent_is_remote", span.parentIsRemote) }
            }
            $0.member("name", span.name)
            if form.isOTLP { $0.member("kind", span.kind.rawValue) } else { $0.member("kind", span.kind.name) }
            $0.member(form.start, decimalText: span.startNanoseconds)
            $0.member(form.end, decimalText: span.endNanoseconds)
            $0.lists(of: span, form)
            if form.isOTLP { $0.statusOTLP(of: span) } else { $0.statusListing(of: span) }
        }
    }

    private mutating func lists(of span: SpanRecord, _ form: SpanJSONForm) {
        var droppedAttributes = 0
        member("attributes") {
            $0.array { json in
                droppedAttributes = span.forEachAttribute { json.attribute($0, $1, form) }
            }
        }
        dropped("droppedAttributesCount", droppedAttributes, form)
        if !form.isOTLP || !span.events.isEmpty {
            array("events", span.events) { json, event in
                json.object {
                    $0.member(form.eventTime, decimalText: event.nanoseconds)
                    $0.member("name", event.name)
                    $0.attributes(event.attributes, form)
                }
            }
        }
        dropped("droppedEventsCount", span.droppedEvents, form)
        if !form.isOTLP || !span.links.isEmpty {
            array("links", span.links) { json, link in
                json.object {
                    $0.ids(link.traceID, link.spanID, form)
                    if form.isOTLP { $0.member("flags", Int(link.flags.rawValue)) }
                }
            }
        }
        dropped("droppedLinksCount", span.droppedLinks, form)
    }

    private mutating func dropped(_ name: StaticString, _ count: Int, _ form: SpanJSONForm) {
        if form.isOTLP, count > 0 { member(name, count) }
    }

    private mutating func statusOTLP(of span: SpanRecord) {
        if case .error(let sentence) = span.status {
            member("status") {
                $0.object {
                    $0.member("code", Int(OTLP.statusError))
                    if !sentence.isEmpty { $0.member("message", sentence) }
                }
            }
        }
        member("flags", Int(span.otlpFlags))
    }

    private mutating func statusListing(of span: SpanRecord) {
        guard case .error(let sentence) = span.status else { return member("failed", false) }
        member("failed", true)
        member("failure", sentence)
    }

    private mutating func ids(_ traceID: TraceID, _ spanID: SpanID, _ form: SpanJSONForm) {
        member(form.traceID) { $0.plain { traceID.append(to: &$0) } }
        member(form.spanID) { $0.plain { spanID.append(to: &$0) } }
    }

    mutating func attributes(_ attributes: [SpanAttribute], _ form: SpanJSONForm) {
        array("attributes", attributes) { $0.attribute($1.key, $1.value, form) }
    }

    private mutating func attribute(_ key: String, _ value: SpanAttribute.Value, _ form: SpanJSONForm) {
        object {
            $0.member("key", key)
            guard form.isOTLP else { return $0.member("value") { $0.value(value) } }
            $0.member("value") {
                $0.object { json in
                    switch value {
                    case .text, .bytes, .requestID: json.member("stringValue") { $0.value(value) }
                    case .flag(let flag): json.member("boolValue", flag)
                    case .integer(let number): json.member("intValue") { $0.plain { $0.appendDecimal(number) } }
                    }
                }
            }
        }
    }

    private mutating func value(_ value: SpanAttribute.Value) {
        switch value {
        case .text(let text): self.text(text)
        case .bytes(let bytes): text(bytes.span)
        case .requestID(let id): text(id.text)
        case .integer(let number): self.number(number)
        case .flag(let flag): self.flag(flag)
        }
    }
}

extension SpanRecord.Kind {
    fileprivate var name: String {
        switch self {
        case .internal: "internal"
        case .server: "server"
        case .client: "client"
        }
    }
}
