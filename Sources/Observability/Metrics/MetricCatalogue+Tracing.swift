// The metrics about tracing itself, such as the numbers of traces, of spans and of exports.

extension MetricFamily {
    static let tracing = [
        tracingTraces, tracingSpansStarted, tracingSpansEnded, tracingSpansExported, tracingSpansDropped,
        tracingQueueSize, tracingQueueCapacity, tracingOpenSpans, tracingExportDuration, tracingExports,
        tracingExportBytes,
    ]

    package static let tracingTraces = counter(
        "hedgehog_tracing_traces_total",
        "Traces that started or arrived at this node, by decision: sampled; unsampled by the sampler or the caller; "
            + "capped by HEDGEHOG_TRACE_MAX_PER_SECOND; crowded when the export queue was 75 % full.",
        labels: ["decision"])
    package static let tracingSpansStarted = counter("hedgehog_tracing_spans_started_total", "Spans started.")
    package static let tracingSpansEnded = counter("hedgehog_tracing_spans_ended_total", "Spans ended.")
    package static let tracingSpansExported = counter(
        "hedgehog_tracing_spans_exported_total",
        "Spans that the collector accepted or that were written to standard output.")
    package static let tracingSpansDropped = counter(
        "hedgehog_tracing_spans_dropped_total",
        "Spans that were not exported: queue_full; export_failed when the collector did not accept their batch; "
            + "rejected by the collector from a batch that it accepted; too_large when their batch exceeded the size "
            + "limit; shutdown before they were sent.",
        labels: ["reason"])
    package static let tracingQueueSize = gauge("hedgehog_tracing_queue_size", "Spans in the export queue.")
    package static let tracingQueueCapacity = gauge(
        "hedgehog_tracing_queue_capacity", "Capacity of the export queue in spans; 0 if spans are not exported.")
    package static let tracingOpenSpans = gauge("hedgehog_tracing_open_spans", "Spans started and not ended.")
    package static let tracingExportDuration = histogram(
        "hedgehog_tracing_export_duration_seconds",
        "Time of an attempt to export a batch, until the response of the collector.",
        unit: .seconds, bounds: requestBounds)
    package static let tracingExports = counter(
        "hedgehog_tracing_exports_total",
        "Attempts to export a batch: success; retry when the batch will be sent again; failure when it is dropped.",
        labels: ["result"])
    package static let tracingExportBytes = counter(
        "hedgehog_tracing_export_bytes_total", "Bytes of the batches sent, counted for each attempt.",
        labels: ["encoding"])
}
