internal import HTTPClient
internal import Observability
internal import Reactor

/// Sends spans that have ended to a collector or to standard output, in batches: when a batch is full, or when its
/// oldest span has waited for the configured delay. Only the event loop may use it.
///
/// A slow or failing collector does not slow down requests: a span that ends is encoded into a bounded queue, at most
/// one batch is being sent, compression runs on a worker thread, and spans beyond the bounds are dropped and counted.
final class SpanExport {
    private enum Phase {
        /// No batch of spans is being exported. If the queue has spans for less than a full batch, the timer runs.
        case idle
        case compressing(SpanBatch)
        case sending(SpanBatch, Transfer)
        /// A batch of spans waits for a worker thread to compress it, or for the next attempt to send it.
        case waiting(SpanBatch)
        /// The last batch of spans was dropped because the collector failed, and the next batch is delayed.
        case paused
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
    private let report: ExportReport
    private let timer: Timer
    private(set) var queue: SpanQueue
    private var phase = Phase.idle
    private var lastBatchMilliseconds: UInt64 = 0
    private var closing: Closing?

    init(
        _ settings: TracingSettings.Batching, over route: ExportRoute, resource: TraceResource, loop: EventLoop,
        workers: WorkQueue, report: ExportReport
    ) {
        self.settings = settings
        self.route = route
        self.resource = resource
        self.loop = loop
        self.workers = workers
        self.report = report
        queue = SpanQueue(settings, as: route.format.encoding)
        timer = Timer(loop: loop)
    }

    func add(_ span: SpanRecord) {
        if closing != nil { return report.dropped(1, .shutdown) }
        if case .closed = phase { return report.dropped(1, .shutdown) }
        guard queue.append(span) else { return report.dropped(1, .queueFull) }
        guard case .idle = phase else { return }
        if queue.hasFullBatch {
            // Only the span that completes a full batch schedules an export, so it is scheduled once. The export runs
            // later and not within this call.
            if queue.count == queue.batchSize { scheduleExport() }
        } else if queue.count == 1 {
            timer.start(afterMilliseconds: UInt64(settings.delayMilliseconds)) { self.exportBatch() }
        }
    }

    /// Schedules the export of a full batch of spans: at once at shutdown, otherwise after the minimum interval between
    /// batches.
    private func scheduleExport() {
        let due = lastBatchMilliseconds + ExportLimits.batchIntervalMilliseconds
        if closing != nil || due <= loop.nowMilliseconds { return loop.enqueue { self.exportBatch() } }
        timer.start(afterMilliseconds: due - loop.nowMilliseconds) { self.exportBatch() }
    }
}

// MARK: One batch

extension SpanExport {
    /// Takes a batch of spans from the queue and exports it. Does nothing while another batch is being exported or if
    /// the queue is empty.
    private func exportBatch() {
        guard case .idle = phase, !queue.isEmpty else { return }
        timer.stop()
        lastBatchMilliseconds = loop.nowMilliseconds
        let spans = queue.takeBatch()
        let batch = SpanBatch(spans.count, body: route.format.body(spans, of: resource))
        queue.reuse(spans)
        if batch.body.count > route.format.maximumBytes {
            report.dropped(batch.count, .tooLarge)
            report.problem(
                "a batch of \(batch.body.count) bytes exceeds the limit of \(route.format.maximumBytes); "
                    + "lower OTEL_BSP_MAX_EXPORT_BATCH_SIZE")
            finishBatch()
        } else if route.format.usesGzip {
            compress(batch)
        } else {
            start(batch)
        }
    }

    private func compress(_ batch: SpanBatch) {
        phase = .compressing(batch)
        do {
            let body = batch.body
            try workers.offload {
                Gzip.compress(body)
            } then: { gzip in
                guard case .compressing = self.phase else { return }
                batch.replaceBody(gzip: gzip)
                self.start(batch)
            }
        } catch {
            // The queue of the worker threads is full of requests, which have priority over the compression of spans,
            // so compression is tried again later.
            phase = .waiting(batch)
            timer.start(afterMilliseconds: ExportLimits.workerRetryMilliseconds) { self.compress(batch) }
        }
    }

    private func start(_ batch: SpanBatch) {
        batch.start(deadlineMilliseconds: loop.nowMilliseconds + UInt64(settings.exportTimeoutMilliseconds))
        send(batch)
    }

    private func send(_ batch: SpanBatch) {
        switch route {
        case .console(let log):
            log.spans(batch.body)
            report.exported(batch.count)
            finishBatch()
        case .collector(let collector):
            let start = EventLoop.monotonicNanoseconds()
            report.sent(batch)
            let transfer = collector.send(batch, withinMilliseconds: timeLeft(for: batch)) { result in
                self.finishAttempt(batch, result, nanoseconds: EventLoop.monotonicNanoseconds() - start)
            }
            phase = .sending(batch, transfer)
        }
    }

    private func timeLeft(for batch: SpanBatch) -> Int {
        let deadline = min(batch.attempts.deadlineMilliseconds, closing?.deadlineMilliseconds ?? .max)
        return deadline > loop.nowMilliseconds ? Int(clamping: deadline - loop.nowMilliseconds) : 1
    }

    private func finishAttempt(_ batch: SpanBatch, _ result: CollectorResult, nanoseconds: UInt64) {
        guard case .sending = phase else { return }
        let verdict = batch.attempts.judge(
            result.outcome, nowMilliseconds: loop.nowMilliseconds, jitter: Double.random(in: 0...1))
        switch verdict {
        case .done:
            report.attempted(.success, nanoseconds: nanoseconds)
            report.accepted(batch, result.partialSuccess)
            if report.hasUnreportedDrops {
                report.problem(
                    "the collector accepts spans, but some were dropped before because the export queue was full; "
                        + "see hedgehog_tracing_spans_dropped_total")
            }
            finishBatch()
        case .retry(let wait) where closing == nil:
            report.attempted(.retry, nanoseconds: nanoseconds)
            report.problem(result.sentence)
            phase = .waiting(batch)
            timer.start(afterMilliseconds: wait) { self.send(batch) }
        case .retry: giveUp(batch, result, pauseMilliseconds: 0, nanoseconds)
        case .giveUp(let pause): giveUp(batch, result, pauseMilliseconds: pause, nanoseconds)
        }
    }

    private func giveUp(
        _ batch: SpanBatch, _ result: CollectorResult, pauseMilliseconds: UInt64, _ nanoseconds: UInt64
    ) {
        report.attempted(.failure, nanoseconds: nanoseconds)
        report.dropped(batch.count, .exportFailed)
        report.problem(result.sentence)
        phase = .paused
        if closing != nil { return end() }
        guard pauseMilliseconds > 0 else { return finishBatch() }
        timer.start(afterMilliseconds: pauseMilliseconds) { self.finishBatch() }
    }

    /// Ends the export of the current batch of spans and continues with the next batch, if there is one.
    private func finishBatch() {
        phase = .idle
        if closing != nil {
            if queue.isEmpty { end() } else { exportBatch() }
        } else if queue.hasFullBatch {
            scheduleExport()
        } else if !queue.isEmpty {
            timer.start(afterMilliseconds: UInt64(settings.delayMilliseconds)) { self.exportBatch() }
        }
    }
}

// MARK: Closing

extension SpanExport {
    /// Sends the spans in the queue, each batch once and within the time limit, then closes the export. Spans that end
    /// from now on are dropped. Without a running collector this takes as long as one refused connection.
    func flushAndClose(withinMilliseconds milliseconds: UInt64, completion: @escaping () -> Void) {
        precondition(closing == nil, "an export was closed twice")
        if case .closed = phase { return loop.enqueue(completion) }
        let deadline = Timer(loop: loop)
        closing = Closing(
            deadlineMilliseconds: loop.nowMilliseconds + milliseconds, timer: deadline, completion: completion)
        deadline.start(afterMilliseconds: milliseconds) { self.end() }
        switch phase {
        case .idle, .paused:
            timer.stop()
            finishBatch()
        case .waiting(let batch):
            timer.stop()
            if batch.isReady { send(batch) } else { compress(batch) }
        case .compressing, .sending: break
        case .closed: preconditionFailure("a closed export was closed")
        }
    }

    /// Closes the span export at once and drops all spans, because the node failed to start. Must be called before the
    /// loop is closed.
    func close() {
        if case .closed = phase { return }
        end()
    }

    private func end() {
        let ended = phase
        phase = .closed
        switch ended {
        case .compressing(let batch), .waiting(let batch), .sending(let batch, _):
            report.dropped(batch.count, .shutdown)
        case .idle, .paused: break
        case .closed: preconditionFailure("an export ended twice")
        }
        report.dropped(queue.count, .shutdown)
        queue = SpanQueue(settings, as: route.format.encoding)
        timer.close()
        if case .collector(let collector) = route { collector.close() }
        guard let closing else { return }
        self.closing = nil
        closing.timer.close()
        loop.enqueue(closing.completion)
    }
}
