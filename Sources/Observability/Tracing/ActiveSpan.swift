/// A span that is still open. Loop-bound. It exists only of traces that are recorded.
///
/// Moments are read from a monotonic clock. The wall clock is read once, where the trace enters the node; all that is
/// done under it here keeps to the same difference, so that no child ever seems to begin before its parent.
package final class ActiveSpan {
    private(set) var record: SpanRecord
    /// To be added to monotonic time to get that of the wall.
    let wallOffset: UInt64
    private let limits: SpanLimits
    private(set) var hasEnded = false

    init(_ record: SpanRecord, wallOffset: UInt64, limits: SpanLimits) {
        self.record = record
        self.wallOffset = wallOffset
        self.limits = limits
    }

    package var traceID: TraceID { record.traceID }
    package var spanID: SpanID { record.spanID }
    package var flags: TraceFlags { record.flags }
    package var kind: SpanRecord.Kind { record.kind }
    package var parent: SpanID? { record.parent }
    /// On the monotonic clock.
    package var startedAtNanoseconds: UInt64 { record.startNanoseconds &- wallOffset }

    /// Each key at most once.
    package func set(_ key: String, _ value: SpanAttribute.Value) {
        guard record.attributes.count < limits.attributes else { return record.droppedAttributes += 1 }
        record.attributes.append(SpanAttribute(key, limits.cut(value)))
    }

    package func note(_ event: String, _ attributes: [SpanAttribute] = [], atNanoseconds monotonic: UInt64) {
        guard record.events.count < limits.events else { return record.droppedEvents += 1 }
        record.events.append(SpanEvent(event, nanoseconds: monotonic &+ wallOffset, attributes: attributes))
    }

    package func link(_ link: SpanLink) {
        guard record.links.count < limits.links else { return record.droppedLinks += 1 }
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

extension SpanLimits {
    fileprivate func cut(_ value: SpanAttribute.Value) -> SpanAttribute.Value {
        switch value {
        case .text(let text) where text.utf8.count > attributeValueBytes:
            var end = text.startIndex
            var room = attributeValueBytes
            while end < text.endIndex, text[end].utf8.count <= room {
                room -= text[end].utf8.count
                end = text.index(after: end)
            }
            return .text(String(text[..<end]))
        case .bytes(let bytes) where bytes.count > attributeValueBytes:
            return .bytes(Array(bytes.prefix(attributeValueBytes)))
        default: return value
        }
    }
}
