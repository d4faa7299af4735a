/// Spans encoded for an export request, one after another.
package struct EncodedSpans: Sendable {
    package fileprivate(set) var bytes: [UInt8] = []
    package fileprivate(set) var count = 0

    package init() {}

    package mutating func append(_ span: SpanRecord, as encoding: SpanEncoding) {
        encoding.append(span, to: &bytes)
        count += 1
    }
}

/// The queue of spans that wait for export. Spans are encoded when they end, so the queue holds only bytes, in memory
/// that is reused. It is bounded in spans and in bytes. A full queue refuses the new span, because the older spans
/// belong to traces that were exported in part already.
package struct SpanQueue {
    private let encoding: SpanEncoding
    private let maximumBytes: Int
    package let capacity: Int
    package let batchSize: Int
    package private(set) var count = 0
    private var byteCount = 0
    /// Full batches of spans that wait for export, the oldest first.
    private var batches: [EncodedSpans] = []
    private var filling = EncodedSpans()
    private var spare: [UInt8] = []

    package init(
        _ settings: TracingSettings.Batching, as encoding: SpanEncoding,
        maximumBytes: Int = ObservabilityLimits.spanQueueBytes
    ) {
        self.encoding = encoding
        self.maximumBytes = maximumBytes
        capacity = settings.queueSize
        batchSize = settings.batchSize
    }

    package var isEmpty: Bool { count == 0 }
    /// Whether the queue contains a full batch, which can be exported without waiting for more spans.
    package var hasFullBatch: Bool { !batches.isEmpty }
    /// Whether new traces may be recorded: the last quarter of the export queue is reserved for spans of traces that
    /// have already started.
    package var hasRoomForNewTraces: Bool { count <= capacity / 4 * 3 && byteCount <= maximumBytes / 4 * 3 }

    /// Appends a span that has ended. Returns false, without storing the span, if the queue is full.
    package mutating func append(_ span: SpanRecord) -> Bool {
        guard count < capacity, byteCount < maximumBytes else { return false }
        let before = filling.bytes.count
        filling.append(span, as: encoding)
        count += 1
        byteCount += filling.bytes.count - before
        if filling.count == batchSize { finishBatch() }
        return true
    }

    /// Removes the oldest spans from the queue, at most a full batch, and returns them. The queue must not be empty.
    package mutating func takeBatch() -> EncodedSpans {
        if batches.isEmpty { finishBatch() }
        let batch = batches.removeFirst()
        count -= batch.count
        byteCount -= batch.bytes.count
        return batch
    }

    /// Stores the memory of an exported batch for a later batch, unless it is too large.
    package mutating func reuse(_ batch: consuming EncodedSpans) {
        guard batch.bytes.capacity <= ObservabilityLimits.reusedBatchBytes else { return }
        spare = batch.bytes
        spare.removeAll(keepingCapacity: true)
    }

    private mutating func finishBatch() {
        batches.append(filling)
        filling = EncodedSpans()
        swap(&filling.bytes, &spare)
    }
}
