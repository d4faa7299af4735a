/// Why nobody got a span.
package enum SpanLossReason: Int, CaseIterable, Sendable {
    case queueFull, exportFailed, rejected, tooLarge, shutdown

    var label: String {
        switch self {
        case .queueFull: "queue_full"
        case .exportFailed: "export_failed"
        case .rejected: "rejected"
        case .tooLarge: "too_large"
        case .shutdown: "shutdown"
        }
    }
}

package enum ExportResult: Int, CaseIterable, Sendable {
    case success, retry, failure

    var label: String {
        switch self {
        case .success: "success"
        case .retry: "retry"
        case .failure: "failure"
        }
    }
}

/// Counts what becomes of spans once they have ended. Loop-bound.
package final class TracingMetrics {
    private let registry: MetricRegistry
    private let exported: Counter
    private let losses: [Counter]
    private let duration: Histogram
    private let exports: [Counter]
    private let plainBytes: Counter
    private let gzipBytes: Counter

    package init(registry: MetricRegistry) {
        self.registry = registry
        exported = registry.counter(.tracingSpansExported)
        losses = SpanLossReason.allCases.map { registry.counter(.tracingSpansDropped, $0.label) }
        duration = registry.histogram(.tracingExportDuration)
        exports = ExportResult.allCases.map { registry.counter(.tracingExports, $0.label) }
        plainBytes = registry.counter(.tracingExportBytes, "identity")
        gzipBytes = registry.counter(.tracingExportBytes, "gzip")
    }

    package func countExported(_ spans: Int) { registry.increment(exported, by: UInt64(spans)) }

    package func countLost(_ spans: Int, _ reason: SpanLossReason) {
        registry.increment(losses[reason.rawValue], by: UInt64(spans))
    }

    package func countSent(bytes: Int, isPacked: Bool) {
        registry.increment(isPacked ? gzipBytes : plainBytes, by: UInt64(bytes))
    }

    /// One try has ended.
    package func countExport(_ result: ExportResult, nanoseconds: UInt64) {
        registry.increment(exports[result.rawValue])
        registry.record(nanoseconds, in: duration)
    }
}

extension MetricSamples {
    /// What the tracer and the queue know themselves.
    package mutating func tracing(_ counts: Tracer.Counts, open: Int, queued: Int, queueCapacity: Int) {
        counter(.tracingTraces, "sampled", value: counts.sampled)
        counter(.tracingTraces, "unsampled", value: counts.unsampled)
        counter(.tracingTraces, "capped", value: counts.capped)
        counter(.tracingTraces, "crowded", value: counts.crowded)
        counter(.tracingSpansStarted, value: counts.spansBegun)
        counter(.tracingSpansEnded, value: counts.spansEnded)
        gauge(.tracingOpenSpans, value: Int64(open))
        gauge(.tracingQueueSize, value: Int64(queued))
        gauge(.tracingQueueCapacity, value: Int64(queueCapacity))
    }
}
