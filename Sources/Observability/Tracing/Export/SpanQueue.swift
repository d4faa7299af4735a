/// Spans in the form in which they are sent, one behind the other.
package struct EncodedSpans: Sendable {
    package fileprivate(set) var bytes: [UInt8] = []
    package fileprivate(set) var count = 0

    package init() {}

    package mutating func append(_ span: SpanRecord, as form: SpanForm) {
        form.append(span, to: &bytes)
        count += 1
    }
}

/// Spans that wait to be exported, encoded when they end: nothing of them but bytes is kept, in memory that is used
/// again. Bounded in number and in bytes; a new span that finds no room is refused, because the older ones belong to
/// traces that have been sent in part already.
package struct SpanQueue {
    private let form: SpanForm
    private let maximumBytes: Int
    package let capacity: Int
    package let batchSize: Int
    package private(set) var count = 0
    private var byteCount = 0
    /// Whole batches, the oldest first.
    private var batches: [EncodedSpans] = []
    private var filling = EncodedSpans()
    private var spare: [UInt8] = []

    package init(
        _ settings: TracingSettings.Batching, as form: SpanForm, maximumBytes: Int = ObservabilityLimits.spanQueueBytes
    ) {
        self.form = form
        self.maximumBytes = maximumBytes
        capacity = settings.queueSize
        batchSize = settings.batchSize
    }

    package var isEmpty: Bool { count == 0 }
    /// Whether a batch need not wait for more.
    package var hasBatch: Bool { !batches.isEmpty }
    /// Whether it should be given the spans of new traces: a quarter is kept for those under way.
    package var takesNewTraces: Bool { count <= capacity / 4 * 3 && byteCount <= maximumBytes / 4 * 3 }

    /// False when there is no room.
    package mutating func append(_ span: SpanRecord) -> Bool {
        guard count < capacity, byteCount < maximumBytes else { return false }
        let before = filling.bytes.count
        filling.append(span, as: form)
        count += 1
        byteCount += filling.bytes.count - before
        if filling.count == batchSize { finishBatch() }
        return true
    }

    /// The oldest, at most as many as a batch holds.
    package mutating func takeBatch() -> EncodedSpans {
        if batches.isEmpty { finishBatch() }
        let batch = batches.removeFirst()
        count -= batch.count
        byteCount -= batch.bytes.count
        return batch
    }

    /// Memory of a batch that is not needed any more.
    package mutating func giveBack(_ batch: consuming EncodedSpans) {
        guard batch.bytes.capacity <= ObservabilityLimits.keptBatchBytes else { return }
        spare = batch.bytes
        spare.removeAll(keepingCapacity: true)
    }

    private mutating func finishBatch() {
        batches.append(filling)
        filling = EncodedSpans()
        swap(&filling.bytes, &spare)
    }
}
