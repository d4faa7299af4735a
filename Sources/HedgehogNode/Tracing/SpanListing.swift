internal import Base
internal import Cluster
internal import Observability

/// Spans that this node keeps, as `hedgehogctl trace` reads them. Integers of 64 bits are text, since not every reader
/// of JSON has so many.
struct SpanListing: Sendable {
    let nodeID: NodeID
    let spans: [SpanRecord]
    /// There were more than were wanted.
    let isCut: Bool
    /// How many spans the node keeps now, of any trace, and how many it can.
    let held: Int
    let capacity: Int
    let oldestEndNanoseconds: UInt64?
    let maximumTracesPerSecond: Int

    var body: [UInt8] {
        var body: [UInt8] = []
        body.append(#"{"node_id":"#)
        body.appendJSONString(nodeID.description)
        body.append(#","spans":["#)
        for (index, span) in spans.enumerated() {
            if index > 0 { body.append(",") }
            body.append(span)
        }
        body.append(isCut ? #"],"cut":true,"held":"# : #"],"cut":false,"held":"#)
        body.appendDecimal(held)
        body.append(#","capacity":"#)
        body.appendDecimal(capacity)
        body.append(#","oldest":"#)
        if let oldestEndNanoseconds {
            body.append("\"")
            body.appendTimestamp(wallNanoseconds: oldestEndNanoseconds)
            body.append("\"")
        } else {
            body.append("null")
        }
        body.append(#","max_traces_per_second":"#)
        body.appendDecimal(maximumTracesPerSecond)
        body.append("}\n")
        return body
    }
}

extension Array where Element == UInt8 {
    fileprivate mutating func append(_ span: SpanRecord) {
        appendIDs(span.traceID, span.spanID)
        if let parent = span.parent {
            append(#","parent_span_id":""#)
            parent.append(to: &self)
            append(span.parentIsRemote ? #"","parent_is_remote":true"# : #"","parent_is_remote":false"#)
        }
        append(#","name":"#)
        appendJSONString(span.name)
        append(#","kind":"#)
        appendJSONString(span.kind.word)
        append(#","start_nanoseconds":""#)
        appendDecimal(span.startNanoseconds)
        append(#"","end_nanoseconds":""#)
        appendDecimal(span.endNanoseconds)
        append("\"")
        if case .error(let sentence) = span.status {
            append(#","failed":true,"failure":"#)
            appendJSONString(sentence)
        } else {
            append(#","failed":false"#)
        }
        append(#","attributes":"#)
        append(span.attributes)
        append(#","events":["#)
        for (index, event) in span.events.enumerated() {
            append(index > 0 ? #",{"name":"# : #"{"name":"#)
            appendJSONString(event.name)
            append(#","at_nanoseconds":""#)
            appendDecimal(event.nanoseconds)
            append(#"","attributes":"#)
            append(event.attributes)
            append("}")
        }
        append(#"],"links":["#)
        for (index, link) in span.links.enumerated() {
            if index > 0 { append(",") }
            appendIDs(link.traceID, link.spanID)
            append("}")
        }
        append("]}")
    }

    /// The beginning of an object.
    private mutating func appendIDs(_ traceID: TraceID, _ spanID: SpanID) {
        append(#"{"trace_id":""#)
        traceID.append(to: &self)
        append(#"","span_id":""#)
        spanID.append(to: &self)
        append("\"")
    }

    private mutating func append(_ attributes: [SpanAttribute]) {
        append("[")
        for (index, attribute) in attributes.enumerated() {
            append(index > 0 ? #",{"key":"# : #"{"key":"#)
            appendJSONString(attribute.key)
            append(#","value":"#)
            switch attribute.value {
            case .text(let text): appendJSONString(text)
            case .bytes(let bytes): appendJSONString(bytes.span)
            case .requestID(let id): appendJSONString(id.text)
            case .integer(let number): appendDecimal(number)
            case .flag(let flag): append(flag ? "true" : "false")
            }
            append("}")
        }
        append("]")
    }
}

extension SpanRecord.Kind {
    fileprivate var word: String {
        switch self {
        case .internal: "internal"
        case .server: "server"
        case .client: "client"
        }
    }
}
