internal import HTTPClient
internal import Observability
internal import Reactor

/// Sends spans that have ended to where they are wanted: a batch at a time, when there is a whole one or the oldest has
/// waited long enough. Loop-bound.
///
/// Nothing a collector does, or fails to do, is felt by requests: taking a span is writing it down behind others in a
/// bounded queue, one batch is under way at most, packed on a worker if at all, and what finds no room is dropped and
/// counted.
final class SpanExport {
    private enum Phase {
        /// A timer may run for what waits.
        case idle
        case packing(SpanBatch)
        case sending(SpanBatch, Transfer)
        /// A batch waits to be tried again.
        case pausing(SpanBatch)
        /// The last batch was lost to a collector that is not well; the next one waits.
        case resting
        case closed
    }

    private struct Closing {
        let deadlineMilliseconds: UInt64
        let timer: Timer
        let completion: () -> Void
    }

    private let settings: TracingSettings.Batching
    private let route: ExportRoute
    private let resource: TraceResource
    private let loop: EventLoop
    private let workers: WorkQueue
    private let metrics: TracingMetrics
    private let report: ExportReport
    private let timer: Timer
    private(set) var queue: SpanQueue
    private var phase = Phase.idle
    private var lastBatchMilliseconds: UInt64 = 0
    private var closing: Closing?

    init(
        _ settings: TracingSettings.Batching, over route: ExportRoute, resource: TraceResource, loop: EventLoop,
        workers: WorkQueue, metrics: TracingMetrics, report: ExportReport
    ) {
        self.settings = settings
        self.route = route
        self.resource = resource
        self.loop = loop
        self.workers = workers
        self.metrics = metrics
        self.report = report
        queue = SpanQueue(settings, as: route.form.spans)
        timer = Timer(loop: loop)
    }

    func add(_ span: SpanRecord) {
        if closing != nil { return lose(1, .shutdown) }
        if case .closed = phase { return lose(1, .shutdown) }
        guard queue.append(span) else { return lose(1, .queueFull) }
        guard case .idle = phase else { return }
        if queue.hasBatch {
            // With the batch's last span, once, and not on the back of whoever ended it.
            if queue.count == queue.batchSize { exportSoon() }
        } else if queue.count == 1 {
            timer.start(afterMilliseconds: UInt64(settings.delayMilliseconds)) { self.exportWhatWaits() }
        }
    }

    /// There is a whole batch: when its turn has come, but for the last ones.
    private func exportSoon() {
        let due = lastBatchMilliseconds + ExportLimits.batchIntervalMilliseconds
        if closing != nil || due <= loop.nowMilliseconds { return loop.enqueue { self.exportWhatWaits() } }
        timer.start(afterMilliseconds: due - loop.nowMilliseconds) { self.exportWhatWaits() }
    }

    private func lose(_ spans: Int, _ reason: SpanLossReason) {
        metrics.countLost(spans, reason)
        report.lost(spans)
    }
}

// A batch's way.
extension SpanExport {
    /// Is asked more often than there is something to do.
    private func exportWhatWaits() {
        guard case .idle = phase, !queue.isEmpty else { return }
        timer.stop()
        lastBatchMilliseconds = loop.nowMilliseconds
        let spans = queue.takeBatch()
        let batch = SpanBatch(spans.count, body: route.form.body(spans, of: resource))
        queue.giveBack(spans)
        if batch.body.count > route.form.maximumBytes {
            lose(batch.count, .tooLarge)
            report.failed(
                "a batch of \(batch.body.count) bytes is more than may be sent; lower OTEL_BSP_MAX_EXPORT_BATCH_SIZE")
            goOn()
        } else if route.form.packs {
            pack(batch)
        } else {
            begin(batch)
        }
    }

    private func pack(_ batch: SpanBatch) {
        phase = .packing(batch)
        do {
            let body = batch.body
            try workers.offload {
                Gzip.compress(body)
            } then: { packed in
                guard case .packing = self.phase else { return }
                batch.pack(packed)
                self.begin(batch)
            }
        } catch {
            // Requests keep the workers busy; they go first.
            phase = .pausing(batch)
            timer.start(afterMilliseconds: ExportLimits.workerPauseMilliseconds) { self.pack(batch) }
        }
    }

    private func begin(_ batch: SpanBatch) {
        batch.begin(deadlineMilliseconds: loop.nowMilliseconds + UInt64(settings.exportTimeoutMilliseconds))
        send(batch)
    }

    private func send(_ batch: SpanBatch) {
        switch route {
        case .console(let log):
            log.spans(batch.body)
            metrics.countExported(batch.count)
            goOn()
        case .collector(let collector):
            let start = EventLoop.monotonicNanoseconds()
            metrics.countSent(bytes: batch.body.count, isPacked: batch.isPacked)
            let transfer = collector.send(batch, withinMilliseconds: timeLeft(for: batch)) { result in
                self.answered(batch, result, nanoseconds: EventLoop.monotonicNanoseconds() - start)
            }
            phase = .sending(batch, transfer)
        }
    }

    private func timeLeft(for batch: SpanBatch) -> Int {
        let deadline = min(batch.attempts.deadlineMilliseconds, closing?.deadlineMilliseconds ?? .max)
        return deadline > loop.nowMilliseconds ? Int(clamping: deadline - loop.nowMilliseconds) : 1
    }

    private func answered(_ batch: SpanBatch, _ result: CollectorResult, nanoseconds: UInt64) {
        guard case .sending = phase else { return }
        let verdict = batch.attempts.judge(
            result.outcome, nowMilliseconds: loop.nowMilliseconds, jitter: Double.random(in: 0...1))
        switch verdict {
        case .done:
            metrics.countExport(.success, nanoseconds: nanoseconds)
            taken(batch, result.partialSuccess)
            if report.hasUntoldLosses {
                report.failed("it takes spans; some found no room before, see hedgehog_tracing_spans_dropped_total")
            }
            goOn()
        case .retry(let wait) where closing == nil:
            metrics.countExport(.retry, nanoseconds: nanoseconds)
            report.failed(result.sentence)
            phase = .pausing(batch)
            timer.start(afterMilliseconds: wait) { self.send(batch) }
        case .retry: giveUp(batch, result, restMilliseconds: 0, nanoseconds)
        case .giveUp(let rest): giveUp(batch, result, restMilliseconds: rest, nanoseconds)
        }
    }

    private func taken(_ batch: SpanBatch, _ partial: PartialSuccess) {
        // What it says is not to be trusted further than it can be true.
        let rejected = Int(max(0, min(Int64(batch.count), partial.rejectedSpans)))
        metrics.countExported(batch.count - rejected)
        metrics.countLost(rejected, .rejected)
        if rejected > 0 || !partial.message.isEmpty { report.rejected(rejected, partial.message) }
    }

    private func giveUp(
        _ batch: SpanBatch, _ result: CollectorResult, restMilliseconds: UInt64, _ nanoseconds: UInt64
    ) {
        metrics.countExport(.failure, nanoseconds: nanoseconds)
        lose(batch.count, .exportFailed)
        report.failed(result.sentence)
        phase = .resting
        if closing != nil { return end() }
        guard restMilliseconds > 0 else { return goOn() }
        timer.start(afterMilliseconds: restMilliseconds) { self.goOn() }
    }

    /// With the next batch, if there is one.
    private func goOn() {
        phase = .idle
        if closing != nil {
            if queue.isEmpty { end() } else { exportWhatWaits() }
        } else if queue.hasBatch {
            exportSoon()
        } else if !queue.isEmpty {
            timer.start(afterMilliseconds: UInt64(settings.delayMilliseconds)) { self.exportWhatWaits() }
        }
    }
}

// The end.
extension SpanExport {
    /// Sends what waits, each batch once and no longer than the time given; then lets go of everything. What ends from
    /// now on is dropped. With a collector that is not there this takes as long as one refusal.
    func flushAndClose(withinMilliseconds milliseconds: UInt64, completion: @escaping () -> Void) {
        precondition(closing == nil, "an export was closed twice")
        if case .closed = phase { return loop.enqueue(completion) }
        let deadline = Timer(loop: loop)
        closing = Closing(
            deadlineMilliseconds: loop.nowMilliseconds + milliseconds, timer: deadline, completion: completion)
        deadline.start(afterMilliseconds: milliseconds) { self.end() }
        switch phase {
        case .idle, .resting:
            timer.stop()
            goOn()
        case .pausing(let batch):
            timer.stop()
            if batch.isReady { send(batch) } else { pack(batch) }
        case .packing, .sending: break
        case .closed: preconditionFailure("a closed export was closed")
        }
    }

    /// At once, for a node that never got to serve. Before the loop is closed.
    func close() {
        if case .closed = phase { return }
        end()
    }

    private func end() {
        let ended = phase
        phase = .closed
        switch ended {
        case .packing(let batch), .pausing(let batch), .sending(let batch, _): lose(batch.count, .shutdown)
        case .idle, .resting: break
        case .closed: preconditionFailure("an export ended twice")
        }
        lose(queue.count, .shutdown)
        queue = SpanQueue(settings, as: route.form.spans)
        timer.close()
        if case .collector(let collector) = route { collector.close() }
        guard let closing else { return }
        self.closing = nil
        closing.timer.close()
        loop.enqueue(closing.completion)
    }
}
