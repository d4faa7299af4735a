/// A span that is still open. Loop-bound. It exists only of traces that are recorded.
///
/// Moments are read from a monotonic clock. The wall clock is read once, where the trace enters the node; all that is
/// done under it here keeps to the same difference, so that no child ever seems to begin before its parent.
package final class ActiveSpan {
    private(set) var record: SpanRecord
    /// To be added to monotonic time to get that of the wall.
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
    /// On the monotonic clock.
    package var startedAtNanoseconds: UInt64 { record.startNanoseconds &- wallOffset }

    /// What it is about. Once at most.
    package func concerns(_ subject: some SpanSubject) {
        precondition(record.subject == nil, "a span was given two subjects")
        record.subject = subject
    }

    /// Each key at most once, and none that the subject says.
    package func set(_ key: String, _ value: SpanAttribute.Value) {
        record.ownAttributes.append(SpanAttribute(key, value))
    }

    package func note(_ event: String, _ attributes: [SpanAttribute] = [], atNanoseconds monotonic: UInt64) {
        guard record.events.count < record.limits.events else { return record.droppedEvents += 1 }
        record.events.append(SpanEvent(event, nanoseconds: monotonic &+ wallOffset, attributes: attributes))
    }

    package func link(_ link: SpanLink) {
        guard record.links.count < record.limits.links else { return record.droppedLinks += 1 }
        record.links.append(link)
    }

    /// `type` is a status code or a short word, fit for a label; the sentence may be empty.
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
