/// A span that has started and not ended, of a trace that is recorded. Only the event loop may use it.
///
/// Times come from the monotonic clock. The wall clock is read once, for the first span of a trace on this node; a
/// child of an open span uses the same offset between the clocks, so that it never appears to start before its parent.
package final class ActiveSpan {
    private(set) var record: SpanRecord
    /// The wall clock minus the monotonic clock, in nanoseconds.
    let wallOffset: UInt64
    private(set) var hasEnded = false

    init(_ record: SpanRecord, wallOffset: UInt64) {
        self.record = record
        self.wallOffset = wallOffset
    }

    package var traceID: TraceID { record.traceID }
    package var spanID: SpanID { record.spanID }
    package var flags: TraceFlags { record.flags }
    package var kind: SpanRecord.Kind { record.kind }
    package var parent: SpanID? { record.parent }
    /// The start time of the span on the monotonic clock, in nanoseconds.
    package var startedAtNanoseconds: UInt64 { record.startNanoseconds &- wallOffset }

    /// Sets the source of attributes that are computed only when the span is exported or shown. A span can have at most
    /// one source.
    package func attach(_ source: some SpanAttributeSource) {
        precondition(record.source == nil, "a span has two attribute sources")
        record.source = source
    }

    /// Sets an attribute of the span. Use each key once, and no key of the span's attribute source.
    package func set(_ key: String, _ value: SpanAttribute.Value) {
        record.ownAttributes.append(SpanAttribute(key, value))
    }

    package func addEvent(_ event: String, _ attributes: [SpanAttribute] = [], atNanoseconds monotonic: UInt64) {
        guard record.events.count < record.limits.events else { return record.droppedEvents += 1 }
        record.events.append(SpanEvent(event, nanoseconds: monotonic &+ wallOffset, attributes: attributes))
    }

    package func addLink(_ link: SpanLink) {
        guard record.links.count < record.limits.links else { return record.droppedLinks += 1 }
        record.links.append(link)
    }

    /// Marks the span as failed. `type` is a status code or a short word from a fixed set; `sentence` describes the
    /// error and may be empty.
    package func fail(_ type: String, _ sentence: String = "") {
        set("error.type", .text(type))
        record.status = .error(sentence)
    }

    func end(atNanoseconds monotonic: UInt64) -> SpanRecord {
        precondition(!hasEnded, "a span ended twice")
        hasEnded = true
        record.endNanoseconds = max(monotonic &+ wallOffset, record.startNanoseconds)
        return record
    }
}
