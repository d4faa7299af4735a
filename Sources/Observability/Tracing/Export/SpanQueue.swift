/// Spans that wait to be exported. Bounded in number and in bytes; a new span that finds no room is refused, because
/// the older ones belong to traces that have been sent in part already.
package struct SpanQueue {
    private var ring: SpanRing
    private let maximumBytes: Int
    package let batchSize: Int

    package init(_ settings: TracingSettings.Batching, maximumBytes: Int = ObservabilityLimits.spanQueueBytes) {
        ring = SpanRing(capacity: settings.queueSize)
        batchSize = settings.batchSize
        self.maximumBytes = maximumBytes
    }

    package var count: Int { ring.count }
    package var capacity: Int { ring.capacity }
    package var isEmpty: Bool { ring.count == 0 }
    /// Whether a batch need not wait for more.
    package var hasBatch: Bool { ring.count >= batchSize }

    /// Whether it should be given the spans of new traces: a quarter is kept for those under way.
    package var takesNewTraces: Bool { ring.count <= ring.capacity / 4 * 3 && ring.byteCount <= maximumBytes / 4 * 3 }

    /// False when there is no room. `byteCount`: the span's own.
    package mutating func append(_ span: consuming SpanRecord, byteCount: Int) -> Bool {
        guard !ring.isFull, ring.byteCount + byteCount <= maximumBytes else { return false }
        ring.append(span, byteCount: byteCount)
        return true
    }

    /// The oldest, at most as many as a batch holds.
    package mutating func takeBatch() -> [SpanRecord] {
        var batch: [SpanRecord] = []
        batch.reserveCapacity(min(batchSize, ring.count))
        while batch.count < batchSize, let span = ring.popFirst() { batch.append(span) }
        return batch
    }
}
