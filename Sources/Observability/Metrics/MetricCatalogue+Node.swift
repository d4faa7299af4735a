// The metrics about the program itself: its log, its version, its metrics pages and its process.

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
        "hedgehog_log_lines_dropped_total",
        "Log lines dropped because they could not be written, or not in time.")
    package static let nodeInfo = gauge(
        "hedgehog_node_info", "Always 1; the labels identify the node.", labels: ["node_id", "version"])
    package static let buildInfo = gauge(
        "hedgehog_build_info", "Always 1; the labels give the versions of the program and its libraries.",
        labels: ["version", "revision", "swift_version", "libuv_version", "libcurl_version"])
}

// MARK: Scrapes

extension MetricFamily {
    package static let metricsScrapes = counter(
        "hedgehog_metrics_scrapes_total", "Requests for the metrics page by status code.",
        labels: ["code"])
    package static let metricsScrapesInFlight = gauge(
        "hedgehog_metrics_scrapes_in_flight", "Metrics pages that are being rendered or wait for it.")
    package static let metricsRender = histogram(
        "hedgehog_metrics_render_seconds",
        "Time from a request for the metrics page to its response, including compression and other work of the event "
            + "loop between its slices.",
        unit: .seconds, bounds: fineBounds)
    package static let metricsSeries = gauge("hedgehog_metrics_series", "Samples on this page.")
}

// MARK: Process

extension MetricFamily {
    package static let processCPU = counter(
        "process_cpu_seconds_total", "Processor time of this process, user and system.", unit: .seconds)
    package static let processOpenFDs = gauge("process_open_fds", "Open file descriptors.")
    package static let processMaxFDs = gauge("process_max_fds", "Limit of open file descriptors.")
    package static let processVirtualMemory = gauge("process_virtual_memory_bytes", "Virtual memory in bytes.")
    package static let processVirtualMemoryMax = gauge(
        "process_virtual_memory_max_bytes", "Limit of virtual memory in bytes.")
    package static let processResidentMemory = gauge("process_resident_memory_bytes", "Resident memory in bytes.")
    package static let processStartTime = gauge(
        "process_start_time_seconds", "Unix time at which the process started.", unit: .seconds)
    package static let processThreads = gauge("process_threads", "Threads of this process.")
}
