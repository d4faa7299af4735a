"""What a node uses and waits for: processor and loop, disk and store, connections, and what watching it costs."""

from board.panels import (
    BLUE,
    GREEN,
    ORANGE,
    RED,
    YELLOW,
    Board,
    Target,
    bars,
    heatmap,
    quantile,
    series,
    stat,
    steps,
    table,
    variables,
)


def per_node(text, unit_by="node_id"):
    return (f"sum by ({unit_by}) ({text})", "{{" + unit_by + "}}")


def percentiles(family, shares=(0.5, 0.99)):
    return [(quantile(share, family, ["node_id"]), "{{node_id}} p" + str(round(share * 100))) for share in shares]


def glance(board):
    board.row("At a glance")
    board.add(
        4,
        4,
        stat(
            "Up for",
            "Since the node that was started last.",
            "s",
            "min(time() - process_start_time_seconds{@})",
            steps(BLUE),
            graph=False,
        ),
    )
    board.add(
        4,
        4,
        stat(
            "Cores busy",
            "Cores that all nodes together keep busy.",
            "short",
            "sum(rate(process_cpu_seconds_total{@}[@]))",
            steps(BLUE),
            decimals=2,
        ),
    )
    board.add(
        4,
        4,
        stat(
            "Loop lag p99",
            "How late the loop runs a timer: every request waits at least as long.",
            "s",
            quantile(0.99, "hedgehog_event_loop_lag_seconds"),
            steps(GREEN, (0.01, YELLOW), (0.05, RED)),
        ),
    )
    board.add(
        4,
        4,
        stat(
            "Sync p99",
            "Time to write and sync one batch of writes; every put waits for one.",
            "s",
            quantile(0.99, "hedgehog_storage_fsync_duration_seconds"),
            steps(GREEN, (0.05, YELLOW), (0.1, RED)),
        ),
    )
    board.add(
        4,
        4,
        stat(
            "Least disk free",
            "Of the fullest disk.",
            "percentunit",
            "min(hedgehog_disk_free_bytes{@} / hedgehog_disk_total_bytes{@})",
            steps(RED, (0.1, YELLOW), (0.25, GREEN)),
            decimals=1,
        ),
    )
    board.add(
        4,
        4,
        stat(
            "Refusing writes",
            "Nodes whose store takes no writes now.",
            "none",
            "count(hedgehog_storage_writable{@} == 0) or vector(0)",
            steps(GREEN, (1, RED)),
        ),
    )
    board.add(
        24,
        5,
        table(
            "Builds",
            "What runs where. Two versions for long are an upgrade that was not finished.",
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
    board.add(
        6,
        7,
        series("Processor", "Cores busy, user and system.", "short", per_node("rate(process_cpu_seconds_total{@}[@])")),
    )
    board.add(
        6,
        7,
        series(
            "Memory",
            "Resident. Memtables, block cache and bodies in flight are most of it.",
            "bytes",
            per_node("process_resident_memory_bytes{@}"),
        ),
    )
    board.add(
        6,
        7,
        series(
            "File descriptors",
            "Share used of those allowed.",
            "percentunit",
            ("max by (node_id) (process_open_fds{@} / process_max_fds{@})", "{{node_id}}"),
            limit=0.8,
        ),
    )
    board.add(
        6,
        7,
        series(
            "Threads",
            "The loop, its workers, the commit thread, the log's and RocksDB's own.",
            "short",
            per_node("process_threads{@}"),
        ),
    )


def loop(board):
    board.row("Loop: one thread serves all requests of a node")
    board.add(
        8,
        8,
        series(
            "Lag", "How late the loop ran a timer.", "s", percentiles("hedgehog_event_loop_lag_seconds"), limit=0.05
        ),
    )
    board.add(
        8,
        8,
        series(
            "Turn",
            "One turn of the loop without its wait: the longest anybody held it.",
            "s",
            percentiles("hedgehog_event_loop_iteration_seconds"),
        ),
    )
    board.add(
        8,
        8,
        series(
            "Busy",
            "Share of the time in which the loop did not wait. Near 100 % the node is at its end.",
            "percentunit",
            ("1 - avg by (node_id) (rate(hedgehog_event_loop_idle_seconds_total{@}[@]))", "{{node_id}}"),
            limit=0.9,
        ),
    )
    board.add(
        8, 8, heatmap("Turns, all of them", "How many turns took how long.", "hedgehog_event_loop_iteration_seconds")
    )
    board.add(
        8,
        8,
        series(
            "Stalls",
            "Times the loop was late by more than 50 ms.",
            "short",
            per_node("increase(hedgehog_event_loop_stalls_total{@}[@])"),
        ),
    )
    board.add(
        8,
        8,
        series(
            "Waiting for a worker",
            "Reads from disk, pages of scans and large bodies that no worker has " "taken yet.",
            "short",
            per_node("hedgehog_threadpool_queue_depth{@}"),
        ),
    )


def storage(board):
    board.row("Store")
    board.add(
        8,
        8,
        series(
            "Sync",
            "Time to write and sync one batch.",
            "s",
            percentiles("hedgehog_storage_fsync_duration_seconds"),
            limit=0.1,
        ),
    )
    board.add(
        8,
        8,
        series(
            "Commit",
            "Time to commit one batch, look-ups and sync included.",
            "s",
            percentiles("hedgehog_storage_commit_duration_seconds"),
        ),
    )
    board.add(
        8,
        8,
        heatmap(
            "Syncs, all of them",
            "How many took how long: what a disk does to puts.",
            "hedgehog_storage_fsync_duration_seconds",
        ),
    )
    board.add(
        8,
        7,
        series(
            "Operations in a batch",
            "The busier, the more writes share a sync.",
            "short",
            (
                "sum by (node_id) (rate(hedgehog_storage_commit_batch_operations_sum{@}[@])) / clamp_min("
                "sum by (node_id) (rate(hedgehog_storage_commit_batch_operations_count{@}[@])), 1e-9)",
                "{{node_id}}",
            ),
        ),
    )
    board.add(
        8,
        7,
        series(
            "Committed",
            "Bytes of the operations committed, a second.",
            "Bps",
            per_node("rate(hedgehog_storage_commit_bytes_total{@}[@])"),
        ),
    )
    board.add(
        8,
        7,
        series(
            "Waiting to be committed",
            "When three quarters of this queue are taken, writes are refused.",
            "bytes",
            per_node("hedgehog_storage_commit_queue_bytes{@}"),
        ),
    )
    board.add(
        8,
        7,
        series(
            "Reads by source",
            "From memory, in the turn that read the request; or from disk, by a worker.",
            "ops",
            ("sum by (source) (rate(hedgehog_storage_reads_total{@}[@]))", "{{source}}"),
            stack=True,
        ),
    )
    board.add(
        8,
        7,
        series(
            "Reads from disk",
            "Time a worker takes for one.",
            "s",
            percentiles("hedgehog_storage_read_duration_seconds"),
        ),
    )
    board.add(
        8,
        7,
        series(
            "Batches and look-ups",
            "Batches written; versions that the commit thread had to ask RocksDB " "for.",
            "ops",
            [
                ("sum(rate(hedgehog_storage_commit_batches_total{@}[@]))", "batches"),
                ("sum(rate(hedgehog_storage_commit_lookups_total{@}[@]))", "look-ups"),
            ],
        ),
    )
    board.add(6, 7, series("Items", "Live items held.", "short", per_node("hedgehog_storage_items{@}")))
    board.add(
        6,
        7,
        series("Bytes of items", "Without RocksDB's own overhead.", "bytes", per_node("hedgehog_storage_bytes{@}")),
    )
    board.add(
        6,
        7,
        series(
            "Reopened",
            "Times the store was opened again after its disk had failed.",
            "short",
            per_node("increase(hedgehog_storage_reopens_total{@}[@])"),
        ),
    )
    board.add(
        6,
        7,
        bars(
            "Opening the store",
            "What it took when the node started, recovery of its log included.",
            "s",
            "hedgehog_storage_open_seconds{@}",
            "{{node_id}}",
            steps(GREEN, (5, YELLOW), (30, RED)),
        ),
    )


def disk(board):
    board.row("Disk and RocksDB")
    board.add(
        8,
        7,
        series(
            "Disk free",
            "On the file system of the data directory.",
            "bytes",
            ("hedgehog_disk_free_bytes{@}", "{{node_id}}"),
        ),
    )
    board.add(
        8,
        7,
        series(
            "Disk used",
            "Share of that file system.",
            "percentunit",
            ("1 - hedgehog_disk_free_bytes{@} / hedgehog_disk_total_bytes{@}", "{{node_id}}"),
            limit=0.9,
            max=1,
        ),
    )
    board.add(
        8,
        7,
        series(
            "Takes writes", "1 while the store does.", "short", ("hedgehog_storage_writable{@}", "{{node_id}}"), max=1
        ),
    )
    board.add(
        8,
        7,
        series(
            "Table files",
            "Bytes of RocksDB's table files, and what compaction still has to rewrite.",
            "bytes",
            [
                ("hedgehog_rocksdb_table_file_bytes{@}", "{{node_id}} files"),
                ("hedgehog_rocksdb_pending_compaction_bytes{@}", "{{node_id}} to compact"),
            ],
        ),
    )
    board.add(
        8,
        7,
        series(
            "RocksDB's memory",
            "Memtables, blocks in cache, indexes and filters beside it.",
            "bytes",
            [
                ("sum(hedgehog_rocksdb_memtable_bytes{@})", "memtables"),
                ("sum(hedgehog_rocksdb_block_cache_bytes{@})", "block cache"),
                ("sum(hedgehog_rocksdb_index_and_filter_bytes{@})", "indexes and filters"),
            ],
            stack=True,
        ),
    )
    board.add(
        8,
        7,
        series(
            "Level-zero files and errors",
            "Files that wait for their first compaction; failed flushes and " "compactions.",
            "short",
            [
                ("hedgehog_rocksdb_level_zero_files{@}", "{{node_id}} files"),
                ("hedgehog_rocksdb_background_errors{@}", "{{node_id}} errors"),
            ],
        ),
    )


def connections(board):
    board.row("Connections")
    board.add(
        6,
        7,
        series(
            "Open",
            "Connections now, those of other nodes included.",
            "short",
            ("sum by (node_id, state) (hedgehog_http_connections{@})", "{{node_id}} {{state}}"),
        ),
    )
    board.add(
        6,
        7,
        series(
            "Accepted and refused",
            "A second. Clients that keep their connections are cheaper.",
            "cps",
            [
                ("sum(rate(hedgehog_http_connections_accepted_total{@}[@]))", "accepted"),
                ("sum(rate(hedgehog_http_connections_refused_total{@}[@]))", "refused: too many"),
                ("sum(rate(hedgehog_http_accept_failures_total{@}[@]))", "no file descriptor"),
            ],
        ),
    )
    board.add(
        6,
        7,
        series(
            "Ended early",
            "Cut before their answer was complete, not read by the client, or idle for too " "long.",
            "cps",
            [
                ("sum(rate(hedgehog_http_exchanges_cut_total{@}[@]))", "cut"),
                ("sum(rate(hedgehog_http_write_stalls_total{@}[@]))", "not read"),
                ("sum(rate(hedgehog_http_idle_timeouts_total{@}[@]))", "idle"),
            ],
        ),
    )
    board.add(
        6,
        7,
        series(
            "Sizes",
            "p95 of requests and of answers; memory of bodies that are still arriving.",
            "bytes",
            [
                (quantile(0.95, "hedgehog_http_request_bytes"), "request p95"),
                (quantile(0.95, "hedgehog_http_response_bytes"), "answer p95"),
                ("sum(hedgehog_http_held_body_bytes{@})", "arriving"),
            ],
        ),
    )


def watching(board):
    board.row("What watching costs, and what it misses")
    board.add(
        6,
        7,
        series(
            "Scrape",
            "How long Prometheus waits for a page, and a node takes to make one (p99).",
            "s",
            [
                ("max by (node_id) (scrape_duration_seconds{@})", "{{node_id}} scrape"),
                (quantile(0.99, "hedgehog_metrics_render_seconds"), "making it, p99"),
            ],
        ),
    )
    board.add(
        6,
        7,
        series(
            "Series",
            "On the page of a node. It grows with tables and members, never with what callers " "send.",
            "short",
            ("max by (node_id) (hedgehog_metrics_series{@})", "{{node_id}}"),
        ),
    )
    board.add(
        6,
        7,
        series(
            "Scrapes",
            "Pages asked for, and in the making.",
            "reqps",
            [
                ("sum by (code) (rate(hedgehog_metrics_scrapes_total{@}[@]))", "answered {{code}}"),
                ("sum(hedgehog_metrics_scrapes_in_flight{@})", "in the making"),
            ],
        ),
    )
    board.add(
        6,
        7,
        series(
            "Missed",
            "Log lines dropped, tables that share one label, request ids that were refused.",
            "short",
            [
                ("sum(rate(hedgehog_log_lines_dropped_total{@}[@]))", "log lines dropped a second"),
                ("sum(increase(hedgehog_metrics_series_limited_total{@}[@]))", "tables beyond the limit"),
                ("sum(rate(hedgehog_http_invalid_request_ids_total{@}[@]))", "ids refused a second"),
            ],
        ),
    )
    board.add(
        6,
        7,
        series(
            "Traces",
            "Begun a second. capped: beyond HEDGEHOG_TRACE_MAX_PER_SECOND; crowded: no room on the way to the collector.",
            "ops",
            ("sum by (decision) (rate(hedgehog_tracing_traces_total{@}[@]))", "{{decision}}"),
            stack=True,
        ),
    )
    board.add(
        6,
        7,
        series(
            "Spans",
            "Begun, ended, delivered, and lost with the reason.",
            "ops",
            [
                ("sum(rate(hedgehog_tracing_spans_started_total{@}[@]))", "begun"),
                ("sum(rate(hedgehog_tracing_spans_ended_total{@}[@]))", "ended"),
                ("sum(rate(hedgehog_tracing_spans_exported_total{@}[@]))", "delivered"),
                ("sum by (reason) (rate(hedgehog_tracing_spans_dropped_total{@}[@]))", "lost: {{reason}}"),
            ],
        ),
    )
    board.add(
        6,
        7,
        series(
            "Queue of spans",
            "Waiting for export, of the room there is; and those still open.",
            "short",
            [
                ("sum(hedgehog_tracing_queue_size{@})", "waiting"),
                ("sum(hedgehog_tracing_queue_capacity{@})", "room"),
                ("sum(hedgehog_tracing_open_spans{@})", "open"),
            ],
        ),
    )
    board.add(
        6,
        7,
        series(
            "Exports",
            "Deliveries to the collector by result, p95 of one, and bytes.",
            "short",
            [
                ("sum by (result) (rate(hedgehog_tracing_exports_total{@}[@]))", "{{result}} a second"),
                (quantile(0.95, "hedgehog_tracing_export_duration_seconds"), "p95 in seconds"),
                (
                    "sum by (encoding) (rate(hedgehog_tracing_export_bytes_total{@}[@])) / 1024",
                    "KiB a second, {{encoding}}",
                ),
            ],
        ),
    )


def make():
    board = Board("hedgehog-node", "HedgehogDB node, store, loop", __doc__.strip(), variables())
    for section in (glance, process, loop, storage, disk, connections, watching):
        section(board)
    return board
