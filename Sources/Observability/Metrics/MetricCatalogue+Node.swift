// The metrics of the node as a program: what it is, what it says of its own pages, and what the system says of it.

extension MetricFamily {
    static let node = [logLinesDropped, nodeInfo, buildInfo]
    static let scrapes = [metricsScrapes, metricsScrapesInFlight, metricsRender, metricsSeries]
    static let process = [
        processCPU, processOpenFDs, processMaxFDs, processVirtualMemory, processVirtualMemoryMax,
        processResidentMemory, processStartTime, processThreads,
    ]
}

extension MetricFamily {
    package static let logLinesDropped = counter(
        "hedgehog_log_lines_dropped_total", "Log lines dropped because the reader of the log was too slow.")
    package static let nodeInfo = gauge(
        "hedgehog_node_info", "Always 1; says which node this is.", labels: ["node_id", "version"])
    package static let buildInfo = gauge(
        "hedgehog_build_info", "Always 1; says what this program is, and which libraries it runs with.",
        labels: ["version", "revision", "swift_version", "libuv_version", "libcurl_version"])
}

// MARK: Scrapes

extension MetricFamily {
    package static let metricsScrapes = counter(
        "hedgehog_metrics_scrapes_total", "Pages of metrics asked for, by the status code of the answer.",
        labels: ["code"])
    package static let metricsScrapesInFlight = gauge(
        "hedgehog_metrics_scrapes_in_flight", "Pages of metrics that are being made.")
    package static let metricsRender = histogram(
        "hedgehog_metrics_render_seconds",
        "Time from asking for a page of metrics to its answer, packing and the turns of others between included.",
        unit: .seconds, bounds: fineBounds)
    package static let metricsSeries = gauge("hedgehog_metrics_series", "Samples on this page.")
}

// MARK: Process

extension MetricFamily {
    package static let processCPU = counter(
        "process_cpu_seconds_total", "Processor time spent, user and system.", unit: .seconds)
    package static let processOpenFDs = gauge("process_open_fds", "Open file descriptors.")
    package static let processMaxFDs = gauge("process_max_fds", "File descriptors allowed.")
    package static let processVirtualMemory = gauge("process_virtual_memory_bytes", "Virtual memory.")
    package static let processVirtualMemoryMax = gauge("process_virtual_memory_max_bytes", "Virtual memory allowed.")
    package static let processResidentMemory = gauge("process_resident_memory_bytes", "Resident memory.")
    package static let processStartTime = gauge(
        "process_start_time_seconds", "When the process started, since 1970.", unit: .seconds)
    package static let processThreads = gauge("process_threads", "Threads of the process.")
}
