/// The decision whether to record a trace that starts or arrives at this node.
package enum TraceDecision: String, LabelValue {
    case sampled, unsampled, capped
    /// The trace was not recorded: the export queue was full to 75 %, which limits how many traces start in a second.
    case exportQueueFull = "crowded"
}

/// The reason why a span that has ended was not exported.
package enum SpanDropReason: String, LabelValue {
    case queueFull = "queue_full"
    case exportFailed = "export_failed"
    case rejected
    case tooLarge = "too_large"
    case shutdown
}

package enum ExportResult: String, LabelValue {
    case success, retry, failure
}

package enum ExportCompression: String, LabelValue {
    case none = "identity"
    case gzip
}

/// Counts the export of spans that have ended. Only the event loop may use it.
package final class TracingMetrics {
    private let registry: MetricRegistry
    private let exported: Counter
    private let dropped: LabelTable<SpanDropReason, Counter>
    private let duration: Histogram
    private let exports: LabelTable<ExportResult, Counter>
    private let bytes: LabelTable<ExportCompression, Counter>

    package init(registry: MetricRegistry) {
        self.registry = registry
        exported = registry.counter(.tracingSpansExported)
        dropped = LabelTable { registry.counter(.tracingSpansDropped, $0.rawValue) }
        duration = registry.histogram(.tracingExportDuration)
        exports = LabelTable { registry.counter(.tracingExports, $0.rawValue) }
        bytes = LabelTable { registry.counter(.tracingExportBytes, $0.rawValue) }
    }

    package func countExported(_ spans: Int) { registry.increment(exported, by: UInt64(spans)) }

    package func countDropped(_ spans: Int, _ reason: SpanDropReason) {
        registry.increment(dropped[reason], by: UInt64(spans))
    }

    package func countSent(bytes count: Int, _ compression: ExportCompression) {
        registry.increment(bytes[compression], by: UInt64(count))
    }

    /// Counts one attempt to send a batch of spans, when the attempt has ended.
    package func countExport(_ result: ExportResult, nanoseconds: UInt64) {
        registry.increment(exports[result])
        registry.record(nanoseconds, in: duration)
    }
}

extension MetricSamples {
    /// Adds samples of the numbers of traces, of spans, and of spans in the export queue.
    package mutating func tracing(_ counts: Tracer.Counts, open: Int, queued: Int, queueCapacity: Int) {
        for decision in TraceDecision.allCases {
            counter(.tracingTraces, decision.rawValue, value: counts.traces(decision))
        }
        counter(.tracingSpansStarted, value: counts.spansStarted)
        counter(.tracingSpansEnded, value: counts.spansEnded)
        gauge(.tracingOpenSpans, value: Int64(open))
        gauge(.tracingQueueSize, value: Int64(queued))
        gauge(.tracingQueueCapacity, value: Int64(queueCapacity))
    }
}
