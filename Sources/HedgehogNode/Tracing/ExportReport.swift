internal import Observability
internal import Reactor

/// Counts exported and dropped spans, and logs problems of the export: at most one line of each kind per minute, with
/// the number of spans dropped since the line before. Only the event loop may use it.
final class ExportReport {
    private let metrics: TracingMetrics
    private let log: NodeLog
    private let destination: String
    private let loop: EventLoop
    private var throttle = LogRateLimiter<String>()
    private var droppedSinceLine = 0

    init(metrics: TracingMetrics, log: NodeLog, destination: String, loop: EventLoop) {
        self.metrics = metrics
        self.log = log
        self.destination = destination
        self.loop = loop
    }

    var hasUnreportedDrops: Bool { droppedSinceLine > 0 }

    func dropped(_ spans: Int, _ reason: SpanDropReason) {
        metrics.countDropped(spans, reason)
        droppedSinceLine += spans
    }

    func sent(_ batch: SpanBatch) { metrics.countSent(bytes: batch.body.count, batch.compression) }

    func exported(_ spans: Int) { metrics.countExported(spans) }

    /// Counts one attempt to send a batch of spans to the collector, when the attempt has ended.
    func attempted(_ result: ExportResult, nanoseconds: UInt64) {
        metrics.countExport(result, nanoseconds: nanoseconds)
    }

    /// Counts a batch of spans that the collector accepted, except for the spans that it rejected.
    func accepted(_ batch: SpanBatch, _ partial: PartialSuccess) {
        // The number of rejected spans that the collector reports is limited to the size of the batch, because it may
        // be wrong.
        let rejected = Int(max(0, min(Int64(batch.count), partial.rejectedSpans)))
        metrics.countExported(batch.count - rejected)
        metrics.countDropped(rejected, .rejected)
        if rejected > 0 || !partial.message.isEmpty { logRejected(rejected, partial.message) }
    }

    func problem(_ sentence: String) {
        guard throttle.admit("failed", nowMilliseconds: loop.nowMilliseconds) != nil else { return }
        log.warn("span export is delayed or spans were dropped; requests are not affected", [
            LogField("collector", .text(destination)),
            LogField("reason", .text(sentence)),
            LogField("spans_lost", .integer(droppedSinceLine)),
        ])
        droppedSinceLine = 0
    }

    private func logRejected(_ spans: Int, _ message: String) {
        guard throttle.admit("rejected", nowMilliseconds: loop.nowMilliseconds) != nil else { return }
        log.warn(spans > 0 ? "the collector rejected spans" : "the collector sent a warning", [
            LogField("collector", .text(destination)),
            LogField("rejected", .integer(spans)),
            LogField("message", .text(message)),
        ])
    }
}
