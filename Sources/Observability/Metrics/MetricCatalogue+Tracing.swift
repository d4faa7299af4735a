// How tracing itself fares.

extension MetricFamily {
    static let tracing = [
        tracingTraces, tracingSpansStarted, tracingSpansEnded, tracingSpansExported, tracingSpansDropped,
        tracingQueueSize, tracingQueueCapacity, tracingOpenSpans, tracingExportDuration, tracingExports,
        tracingExportBytes,
    ]

    package static let tracingTraces = counter(
        "hedgehog_tracing_traces_total",
        "Traces that began or entered here: sampled; unsampled by the sampler, or by who called; capped when only "
            + "HEDGEHOG_TRACE_MAX_PER_SECOND kept them out; crowded when their spans would have found no room on their "
            + "way to the collector.",
        labels: ["decision"])
    package static let tracingSpansStarted = counter("hedgehog_tracing_spans_started_total", "Spans begun.")
    package static let tracingSpansEnded = counter("hedgehog_tracing_spans_ended_total", "Spans ended.")
    package static let tracingSpansExported = counter(
        "hedgehog_tracing_spans_exported_total", "Spans that the collector has taken, or that were written out.")
    package static let tracingSpansDropped = counter(
        "hedgehog_tracing_spans_dropped_total",
        "Spans that nobody got: queue_full; export_failed when the collector did not take their batch; rejected by it "
            + "from a batch it took; too_large a batch; shutdown before they were sent.",
        labels: ["reason"])
    package static let tracingQueueSize = gauge("hedgehog_tracing_queue_size", "Spans that wait to be exported.")
    package static let tracingQueueCapacity = gauge(
        "hedgehog_tracing_queue_capacity", "Spans that may wait to be exported; 0 when none are exported.")
    package static let tracingOpenSpans = gauge("hedgehog_tracing_open_spans", "Spans begun and not ended.")
    package static let tracingExportDuration = histogram(
        "hedgehog_tracing_export_duration_seconds", "Time of a try to export a batch, to its answer.",
        unit: .seconds, bounds: requestBounds)
    package static let tracingExports = counter(
        "hedgehog_tracing_exports_total",
        "Tries to export a batch: success; retry when the batch is tried again; failure when it is lost.",
        labels: ["result"])
    package static let tracingExportBytes = counter(
        "hedgehog_tracing_export_bytes_total", "Bytes of the batches sent, each time they are sent.",
        labels: ["encoding"])
}
