internal import Cluster
internal import Observability
internal import Reactor
#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The tracing of one node: the tracer that starts and ends spans, the spans that ended last, and their export. Spans
/// that end in `tracer` are stored and exported automatically. Only the event loop may use it.
final class Tracing {
    let settings: TracingSettings
    let tracer: Tracer
    private(set) var recent = RecentSpans()
    private let export: SpanExport?

    init(
        _ settings: TracingSettings, nodeID: NodeID, loop: EventLoop, workers: WorkQueue, log: NodeLog,
        registry: MetricRegistry
    ) {
        self.settings = settings
        var system = SystemRandomNumberGenerator()
        tracer = Tracer(
            sampler: settings.sampler, rateLimit: TraceRateLimit(perSecond: settings.maximumTracesPerSecond),
            limits: settings.limits, random: IdentifierGenerator(seededBy: &system),
            monotonicNanoseconds: EventLoop.monotonicNanoseconds, wallNanoseconds: EventLoop.wallNanoseconds)
        export = ExportRoute(settings.destination, log: log, loop: loop).map { route in
            SpanExport(
                settings.batching, over: route, resource: TraceResource(Self.facts(nodeID), settings), loop: loop,
                workers: workers,
                report: ExportReport(
                    metrics: TracingMetrics(registry: registry), log: log, destination: settings.destination.name,
                    loop: loop))
        }
        // The callbacks hold the tracing object and its span export unowned. The tracing object owns the tracer and the
        // export, and the metric registry outlives both. Both exist whenever a callback is called: only the event loop
        // ends spans and reads the registry, and `NodeServices` holds the tracing object until the loop is closed.
        tracer.onEnd = { [unowned self] in take($0) }
        if let export { tracer.exportQueueHasRoom = { [unowned export] in export.queue.hasRoomForNewTraces } }
        registry.observe { [unowned self] in observe(&$0) }
    }

    /// Whether spans are sent to a collector or written to standard output.
    var isExported: Bool { export != nil }

    /// Describes the destination of traces, for the log line at the start of the node.
    var sentence: String { settings.sentence }

    /// Sends the spans in the queue within the time limit, then closes the export. Spans that end later are dropped.
    func flushAndClose(withinMilliseconds milliseconds: UInt64, completion: @escaping () -> Void) {
        guard let export else { return completion() }
        export.flushAndClose(withinMilliseconds: milliseconds, completion: completion)
    }

    /// Closes the span export at once, unless it is closed already. Must be called before the loop is closed.
    func close() { export?.close() }

    private func take(_ span: SpanRecord) {
        recent.append(span)
        export?.add(span)
    }

    private func observe(_ samples: inout MetricSamples) {
        samples.tracing(
            tracer.counts, open: tracer.openCount, queued: export?.queue.count ?? 0,
            queueCapacity: export?.queue.capacity ?? 0)
    }

    private static func facts(_ nodeID: NodeID) -> TraceResource.Facts {
        TraceResource.Facts(
            nodeID: nodeID.description, version: Build.version, hostName: hostName(), processID: Int(getpid()))
    }

    private static func hostName() -> String? {
        var name = [CChar](repeating: 0, count: 256)
        // `gethostname` gets one byte less than the buffer has: it may cut off a long name without a terminating zero,
        // and the last byte stays zero.
        guard gethostname(&name, name.count - 1) == 0 else { return nil }
        let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.isEmpty ? nil : text
    }
}

extension ExportRoute {
    fileprivate init?(_ destination: TracingSettings.Destination, log: NodeLog, loop: EventLoop) {
        switch destination {
        case .collector(let settings):
            self = .collector(CollectorClient(settings, version: Build.version, loop: loop))
        case .console: self = .console(log)
        case .nowhere: return nil
        }
    }
}
