"""One node or several: CPU, memory, event loop, storage, disk, connections, and the cost of telemetry."""

from board.dashboard import Board, variables
from board.panels import BLUE, GREEN, RED, YELLOW, bars, heatmap, series, stat, steps, table
from board.queries import Target, per, quantile, quantile_per, rate, share, total

LAG = "hedgehog_event_loop_lag_seconds"
ITERATION = "hedgehog_event_loop_iteration_seconds"
FSYNC = "hedgehog_storage_fsync_duration_seconds"
BATCH = "hedgehog_storage_commit_batch_operations"


def per_node(text):
    return per("node_id", text)


def percentiles(family):
    """The median and p99 of a histogram, on each node."""
    return [
        quantile_per("node_id", fraction, family, f"{{{{node_id}}}} p{round(fraction * 100)}")
        for fraction in (0.5, 0.99)
    ]


def summary(board):
    board.row("Summary")
    board.add(
        4,
        4,
        stat(
            "Uptime",
            "Time since the most recent start of any node.",
            "s",
            "min(time() - process_start_time_seconds{@})",
            steps(BLUE),
            graph=False,
        ),
        stat(
            "CPU cores used",
            "CPU cores that all nodes together keep busy.",
            "short",
            "sum(rate(process_cpu_seconds_total{@}[@]))",
            steps(BLUE),
            decimals=2,
        ),
        stat(
            "Event loop lag p99",
            "How late the event loop runs a timer. Every request waits at least as long.",
            "s",
            quantile(0.99, LAG),
            steps(GREEN, (0.01, YELLOW), (0.05, RED)),
        ),
        stat(
            "Fsync p99",
            "Time to write and fsync one batch of writes. Every put waits for one.",
            "s",
            quantile(0.99, FSYNC),
            steps(GREEN, (0.05, YELLOW), (0.1, RED)),
        ),
        stat(
            "Lowest free disk space",
            "Share of the fullest disk that is free.",
            "percentunit",
            "min(hedgehog_disk_free_bytes{@} / hedgehog_disk_total_bytes{@})",
            steps(RED, (0.1, YELLOW), (0.25, GREEN)),
            decimals=1,
        ),
        stat(
            "Nodes rejecting writes",
            "Nodes whose store rejects writes, because the disk is full or failing.",
            "none",
            "count(hedgehog_storage_writable{@} == 0) or vector(0)",
            steps(GREEN, (1, RED)),
        ),
    )


def builds(board):
    board.add(
        24,
        5,
        table(
            "Builds",
            "The version that each node runs. Two versions for a long time mean that an upgrade is incomplete.",
            "hedgehog_build_info{@}",
            {
                "node_id": "Node",
                "version": "Version",
                "revision": "Revision",
                "swift_version": "Swift",
                "libuv_version": "libuv",
                "libcurl_version": "libcurl",
            },
        ),
    )


def process(board):
    board.row("Process")
    open_share = "process_open_fds{@} / process_max_fds{@}"
    board.add(
        6,
        7,
        series("CPU", "Cores used, user and system time.", "short", per_node(rate("process_cpu_seconds_total"))),
        series(
            "Memory",
            "Resident memory: mostly memtables, block cache and request bodies in flight.",
            "bytes",
            per_node("process_resident_memory_bytes{@}"),
        ),
        series(
            "File descriptors",
            "Share of the allowed file descriptors that are open.",
            "percentunit",
            per("node_id", open_share, function="max"),
            limit=0.8,
        ),
        series(
            "Threads",
            "The event loop, its workers, the commit thread, the log thread and the threads of RocksDB.",
            "short",
            per_node("process_threads{@}"),
        ),
    )


def loop(board):
    board.row("Event loop: one thread serves all requests of a node")
    idle = rate("hedgehog_event_loop_idle_seconds_total")
    board.add(
        8,
        8,
        series("Event loop lag", "How late the event loop runs a timer.", "s", percentiles(LAG), limit=0.05),
        series(
            "Event loop iteration time",
            "Time of one loop iteration without its wait: how long a new event can have to wait.",
            "s",
            percentiles(ITERATION),
        ),
        series(
            "Event loop utilization",
            "Share of the time in which the loop is not idle. Near 100 % the node is saturated.",
            "percentunit",
            Target(f"1 - avg by (node_id) ({idle})", "{{node_id}}"),
            limit=0.9,
        ),
        heatmap("Distribution of iteration times", "Number of loop iterations in each time bucket.", ITERATION),
        series(
            "Event loop stalls",
            "Times that the loop ran a timer more than 50 ms late.",
            "short",
            per_node("increase(hedgehog_event_loop_stalls_total{@}[@])"),
        ),
        series(
            "Jobs waiting for a worker thread",
            "Reads from disk, pages of scans and large request bodies that wait for a free worker.",
            "short",
            per_node("hedgehog_threadpool_queue_depth{@}"),
        ),
    )


def commits(board):
    board.row("Storage engine")
    batch_size = share(f"sum by (node_id) ({rate(BATCH + '_sum')})", f"sum by (node_id) ({rate(BATCH + '_count')})")
    board.add(
        8,
        8,
        series("Fsync duration", "Time to write and fsync one batch.", "s", percentiles(FSYNC), limit=0.1),
        series(
            "Commit duration",
            "Time to commit one batch, including version look-ups and fsync.",
            "s",
            percentiles("hedgehog_storage_commit_duration_seconds"),
        ),
        heatmap(
            "Distribution of fsync durations",
            "Number of fsyncs in each time bucket. It shows how the disk affects puts.",
            FSYNC,
        ),
    )
    board.add(
        8,
        7,
        series(
            "Operations per batch",
            "Average number of operations that share one fsync. It grows with the load.",
            "short",
            Target(batch_size, "{{node_id}}"),
        ),
        series(
            "Committed bytes",
            "Bytes per second of the committed operations.",
            "Bps",
            per_node(rate("hedgehog_storage_commit_bytes_total")),
        ),
        series(
            "Commit queue",
            "Bytes that wait for the commit thread. Writes are rejected while the queue is more than 75 % full.",
            "bytes",
            per_node("hedgehog_storage_commit_queue_bytes{@}"),
        ),
    )


def reads_and_contents(board):
    board.add(
        8,
        7,
        series(
            "Reads by source",
            "Item reads answered from memory on the event loop, or from disk by a worker thread.",
            "ops",
            per("source", rate("hedgehog_storage_reads_total")),
            stack=True,
        ),
        series(
            "Duration of disk reads",
            "Time that a worker thread takes for one item read.",
            "s",
            percentiles("hedgehog_storage_read_duration_seconds"),
        ),
        series(
            "Batches and version look-ups",
            "Batches written, and versions that the commit thread had to read from RocksDB.",
            "ops",
            [
                total(rate("hedgehog_storage_commit_batches_total"), "batches"),
                total(rate("hedgehog_storage_commit_lookups_total"), "look-ups"),
            ],
        ),
    )
    board.add(
        6,
        7,
        series("Items", "Live items on each node.", "short", per_node("hedgehog_storage_items{@}")),
        series(
            "Size of items",
            "Bytes of the live items, without the overhead of RocksDB.",
            "bytes",
            per_node("hedgehog_storage_bytes{@}"),
        ),
        series(
            "Store reopens",
            "Times that the store was reopened after a disk failure.",
            "short",
            per_node("increase(hedgehog_storage_reopens_total{@}[@])"),
        ),
        bars(
            "Store open time",
            "Time to open the store at the start of the node, including the recovery of its log.",
            "s",
            Target("hedgehog_storage_open_seconds{@}", "{{node_id}}"),
            steps(GREEN, (5, YELLOW), (30, RED)),
        ),
    )


def disk(board):
    board.row("Disk and RocksDB")
    board.add(
        8,
        7,
        series(
            "Free disk space",
            "Free space on the file system of the data directory.",
            "bytes",
            Target("hedgehog_disk_free_bytes{@}", "{{node_id}}"),
        ),
        series(
            "Used disk space",
            "Share of the file system of the data directory that is used.",
            "percentunit",
            Target("1 - hedgehog_disk_free_bytes{@} / hedgehog_disk_total_bytes{@}", "{{node_id}}"),
            limit=0.9,
            max=1,
        ),
        series(
            "Store writable",
            "1 while the store accepts writes, 0 while it rejects them.",
            "short",
            Target("hedgehog_storage_writable{@}", "{{node_id}}"),
            max=1,
        ),
        series(
            "RocksDB table files",
            "Bytes of the table files, and bytes that compaction still has to rewrite.",
            "bytes",
            [
                Target("hedgehog_rocksdb_table_file_bytes{@}", "{{node_id}} files"),
                Target("hedgehog_rocksdb_pending_compaction_bytes{@}", "{{node_id}} pending compaction"),
            ],
        ),
        series(
            "RocksDB memory",
            "Memtables, the block cache, and indexes and filters outside the cache.",
            "bytes",
            [
                total("hedgehog_rocksdb_memtable_bytes{@}", "memtables"),
                total("hedgehog_rocksdb_block_cache_bytes{@}", "block cache"),
                total("hedgehog_rocksdb_index_and_filter_bytes{@}", "indexes and filters"),
            ],
            stack=True,
        ),
        series(
            "Level-0 files and background errors",
            "Files that wait for their first compaction, and flushes and compactions that returned an error.",
            "short",
            [
                Target("hedgehog_rocksdb_level_zero_files{@}", "{{node_id}} files"),
                Target("hedgehog_rocksdb_background_errors{@}", "{{node_id}} errors"),
            ],
        ),
    )


def connections(board):
    board.row("Connections")
    board.add(
        6,
        7,
        series(
            "Open connections",
            "Connections by state, including those from other nodes.",
            "short",
            per("node_id, state", "hedgehog_http_connections{@}"),
        ),
        series(
            "Accepted and refused connections",
            "Connections per second. A high rate means that clients do not reuse their connections.",
            "cps",
            [
                total(rate("hedgehog_http_connections_accepted_total"), "accepted"),
                total(rate("hedgehog_http_connections_refused_total"), "refused: too many open"),
                total(rate("hedgehog_http_accept_failures_total"), "not accepted: no file descriptor"),
            ],
        ),
        series(
            "Connections closed early",
            "Closed before the response was complete, because the client did not read its response, or because the "
            "connection was idle.",
            "cps",
            [
                total(rate("hedgehog_http_exchanges_cut_total"), "response incomplete"),
                total(rate("hedgehog_http_write_stalls_total"), "response not read"),
                total(rate("hedgehog_http_idle_timeouts_total"), "idle"),
            ],
        ),
        series(
            "Request and response sizes",
            "p95 of request and response sizes, and the memory of request bodies that are still arriving.",
            "bytes",
            [
                Target(quantile(0.95, "hedgehog_http_request_bytes"), "request p95"),
                Target(quantile(0.95, "hedgehog_http_response_bytes"), "response p95"),
                total("hedgehog_http_held_body_bytes{@}", "bodies arriving"),
            ],
        ),
    )


def metrics_and_logs(board):
    board.row("Telemetry: cost and losses")
    board.add(
        6,
        7,
        series(
            "Scrape duration",
            "Time that Prometheus waits for the metrics page, and time that the node takes to render it (p99).",
            "s",
            [
                per("node_id", "scrape_duration_seconds{@}", "{{node_id}} scrape", "max"),
                Target(quantile(0.99, "hedgehog_metrics_render_seconds"), "rendering, p99"),
            ],
        ),
        series(
            "Samples per metrics page",
            "Grows with the number of tables and members, never with what clients send.",
            "short",
            per("node_id", "hedgehog_metrics_series{@}", function="max"),
        ),
        series(
            "Scrapes",
            "Metrics pages requested per second by status code, and pages that are being rendered.",
            "reqps",
            [
                per("code", rate("hedgehog_metrics_scrapes_total"), "status {{code}}"),
                total("hedgehog_metrics_scrapes_in_flight{@}", "in flight"),
            ],
        ),
        series(
            "Dropped or limited telemetry",
            "Log lines dropped because the reader of the log is too slow, tables beyond --metrics-max-tables, and "
            "invalid X-Request-ID headers that were replaced.",
            "short",
            [
                total(rate("hedgehog_log_lines_dropped_total"), "log lines dropped per second"),
                total("increase(hedgehog_metrics_series_limited_total{@}[@])", "tables beyond the limit"),
                total(rate("hedgehog_http_invalid_request_ids_total"), "request ids replaced per second"),
            ],
        ),
    )


def tracing(board):
    export_bytes = "sum by (encoding) (" + rate("hedgehog_tracing_export_bytes_total") + ") / 1024"
    board.add(
        6,
        7,
        series(
            "Traces by sampling decision",
            "Traces started per second. capped: over HEDGEHOG_TRACE_MAX_PER_SECOND; crowded: the export queue is "
            "nearly full.",
            "ops",
            per("decision", rate("hedgehog_tracing_traces_total")),
            stack=True,
        ),
        series(
            "Spans",
            "Spans started, ended, exported and dropped per second.",
            "ops",
            [
                total(rate("hedgehog_tracing_spans_started_total"), "started"),
                total(rate("hedgehog_tracing_spans_ended_total"), "ended"),
                total(rate("hedgehog_tracing_spans_exported_total"), "exported"),
                per("reason", rate("hedgehog_tracing_spans_dropped_total"), "dropped: {{reason}}"),
            ],
        ),
        series(
            "Span export queue",
            "Spans that wait to be exported, the capacity of the queue, and spans that have not ended.",
            "short",
            [
                total("hedgehog_tracing_queue_size{@}", "queued"),
                total("hedgehog_tracing_queue_capacity{@}", "capacity"),
                total("hedgehog_tracing_open_spans{@}", "open"),
            ],
        ),
        series(
            "Span exports",
            "Exports to the collector by result, the p95 duration of an export, and the bytes sent.",
            "short",
            [
                per("result", rate("hedgehog_tracing_exports_total"), "{{result}} per second"),
                Target(quantile(0.95, "hedgehog_tracing_export_duration_seconds"), "p95 duration in seconds"),
                Target(export_bytes, "KiB per second, {{encoding}}"),
            ],
        ),
    )


SECTIONS = (
    summary,
    builds,
    process,
    loop,
    commits,
    reads_and_contents,
    disk,
    connections,
    metrics_and_logs,
    tracing,
)


def make():
    board = Board("hedgehog-node", "HedgehogDB node", __doc__.strip(), variables())
    for section in SECTIONS:
        section(board)
    return board
