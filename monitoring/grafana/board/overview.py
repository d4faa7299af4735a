"""Service health as clients see it: availability, request rate, errors and latency."""

from board.dashboard import Board, table_variable, variables
from board.panels import (
    BLUE,
    GREEN,
    HINT_STEPS,
    NODE_STEPS,
    RED,
    YELLOW,
    heatmap,
    series,
    stat,
    steps,
    table,
)
from board.queries import Target, legend_of, per, quantile, quantile_per, rate, share

# The label matcher for client requests: exactly their operations have "item" or "table" in their name.
CLIENTS = 'operation=~".*(item|table).*"'
REQUESTS = "hedgehog_http_requests_total{@table," + CLIENTS
ITEM_MATCHERS = '{@,operation=~"(get|put|delete)_item"}'
LATENCY = "hedgehog_http_request_latency_seconds"
DURATION = "hedgehog_http_request_duration_seconds"
# At this error ratio the 30-day error budget (0.1 % of requests) is used up in two days.
FAST_BURN = 0.0144
BUDGET_LEFT = (
    f'clamp_min(1 - sum(increase({REQUESTS},status="5xx"}}[$__range])) / '
    f"clamp_min(0.001 * sum(increase({REQUESTS}}}[$__range])), 1e-9), -1)"
)


def request_rate(matchers="", labels=""):
    by = f"by ({labels})" if labels else ""
    return f"sum {by} (rate({REQUESTS}{matchers}}}[@]))"


def request_rate_per(labels, matchers=""):
    return Target(request_rate(matchers, labels), legend_of(labels))


def ratio(status, labels=""):
    """Share of responses with this status class; 0 without such responses, and without requests."""
    part, whole = request_rate(f',status="{status}"', labels), request_rate(labels=labels)
    return share(f"({part} or 0 * {whole})", whole)


def ratio_per(labels, status):
    return Target(ratio(status, labels), legend_of(labels))


def summary(board):
    board.row("Summary")
    board.add(
        3,
        4,
        stat("Nodes up", "Nodes that Prometheus can scrape.", "none", "sum(up{@})", NODE_STEPS),
        stat(
            "Nodes ready",
            "Nodes whose /readyz returns 200: bootstrapped, not recovering and accepting writes.",
            "none",
            "sum(hedgehog_ready{@})",
            NODE_STEPS,
        ),
        stat("Request rate", "Client requests per second for items and tables.", "reqps", request_rate(), steps(BLUE)),
        stat(
            "Error ratio",
            "Share of client requests with a 5xx status. The objective is at most 0.1 % over 30 days. A missing key "
            "(404) is not an error.",
            "percentunit",
            ratio("5xx"),
            steps(GREEN, (0.001, YELLOW), (FAST_BURN, RED)),
            decimals=2,
        ),
        stat(
            "Item p99 latency",
            "99 % of the gets, puts and deletes of items complete within this time, over all tables.",
            "s",
            quantile(0.99, LATENCY, matchers=ITEM_MATCHERS),
            steps(GREEN, (0.05, YELLOW), (0.25, RED)),
        ),
        stat(
            "Partitions at risk",
            "Partitions that lack a live replica, as reported by the node that counts the most.",
            "none",
            'max(sum by (node_id) (hedgehog_partitions{@,state!="ok"}))',
            steps(GREEN, (1, RED)),
        ),
        stat(
            "Pending hints",
            "Writes stored for replicas that missed them, to be replayed to them (hinted handoff).",
            "short",
            "sum(hedgehog_replication_hinted_handoff_pending{@})",
            HINT_STEPS,
        ),
        stat(
            "Error budget left",
            "Share of the error budget (0.1 % of requests) that is left over the selected time range. A negative value "
            "means that it is overspent; -100 % also stands for anything worse.",
            "percentunit",
            BUDGET_LEFT,
            steps(RED, (0, YELLOW), (0.5, GREEN)),
            graph=False,
            decimals=1,
        ),
    )


def alerts(board):
    board.add(
        24,
        7,
        table(
            "Active alerts",
            "Alerts that are firing or pending; docs/alerts.md has a runbook for each. HedgehogWatchdog always fires: "
            "if it is missing, Prometheus evaluates no alerts.",
            'sum by (alertname, alertstate, severity, node_id, target_node) (ALERTS{alertname=~"Hedgehog.*"})',
            {
                "alertname": "Alert",
                "alertstate": "State",
                "severity": "Severity",
                "node_id": "Node",
                "target_node": "Target node",
            },
        ),
    )


def requests(board):
    board.row("Requests: rate, errors, duration")
    clients = "{@table," + CLIENTS + "}"
    board.add(
        8,
        8,
        series("Request rate by operation", "Client requests per second.", "reqps", request_rate_per("operation")),
        series(
            "Error ratio by operation",
            "Share of 5xx among the requests of each operation. At the dashed line the 30-day error budget is used up "
            "in two days.",
            "percentunit",
            ratio_per("operation", "5xx"),
            limit=FAST_BURN,
            overrides=[],
        ),
        series(
            "p95 latency by operation",
            "From the first byte of a request to its response being handed to the socket; histogram buckets start at "
            "1 ms. Dots are requests with a trace: click one to open it.",
            "s",
            quantile_per("operation", 0.95, DURATION, matchers=clients, exemplar=True),
        ),
        series(
            "Request rate by status class",
            "Client requests per second. 4xx are errors of the caller, such as a missing key or a malformed request.",
            "reqps",
            request_rate_per("status"),
            stack=True,
        ),
        series(
            "Client error ratio (4xx) by operation",
            "Share of 4xx among the requests of each operation. Gets of missing keys count here, so this does not "
            "measure the health of the cluster.",
            "percentunit",
            ratio_per("operation", "4xx"),
            overrides=[],
        ),
        series(
            "Responses other than 200, by status code",
            "Responses per second. 499 means that the client closed the connection first.",
            "reqps",
            per("code", rate("hedgehog_http_responses_total", '{@,code!="200"}')),
            stack=True,
            overrides=[],
        ),
    )
    latency(board, clients)


def latency(board, clients):
    board.add(
        8,
        8,
        series(
            "Item latency percentiles",
            "Gets, puts and deletes of items; histogram buckets start at 50 us.",
            "s",
            [
                Target(quantile(fraction, LATENCY, matchers=ITEM_MATCHERS), f"p{round(fraction * 100)}")
                for fraction in (0.5, 0.95, 0.99)
            ],
            limit=0.25,
        ),
        series(
            "p99 latency by operation",
            "99 % of the requests complete within this time; histogram buckets start at 50 us.",
            "s",
            quantile_per("operation", 0.99, LATENCY, matchers="{@," + CLIENTS + "}"),
        ),
        heatmap(
            "Latency distribution",
            "Number of requests in each latency bucket. Two bands show two kinds of requests, which a percentile "
            "would hide.",
            DURATION,
            clients,
        ),
    )


def reads_and_writes(board):
    board.row("Reads and writes")
    item_requests = '{@table,operation=~"get_item|put_item"'
    fast = f'sum(rate({DURATION}_bucket{item_requests},le="0.05"}}[@]))'
    kinds = (
        ("get", "Reads of single items. Success means a status below 400."),
        ("put", "Writes of single items. Success means that the write is durable."),
        ("delete", "Deletes of single items. A delete of a missing item (404) counts as a failure."),
    )
    board.add(
        6,
        7,
        *(
            series(
                f"{operation.capitalize()}s by result",
                description,
                "ops",
                per("result", rate("hedgehog_item_operations_total", f'{{@table,operation="{operation}"}}')),
                stack=True,
            )
            for operation, description in kinds
        ),
        series(
            "Items not found",
            "Gets and deletes per second of items that do not exist.",
            "ops",
            per("operation", rate("hedgehog_item_not_found_total", "{@table}")),
        ),
        series(
            "Scans, counts and table listings",
            "Requests per second that read a whole table or the list of tables.",
            "reqps",
            per(
                "operation",
                rate("hedgehog_http_requests_total", '{@table,operation=~"scan_items|table_count|list_tables"}'),
            ),
        ),
        series(
            "Coordinated operations by result",
            "quorum_failed: too few replicas acknowledged; timeout: too few responded in time; unavailable: no replica "
            "could be asked.",
            "ops",
            per("result", rate("hedgehog_coordinator_requests_total")),
            stack=True,
        ),
        series(
            "p99 latency by consistency",
            "Time that the coordinator takes for an operation. Strong operations wait for a quorum, eventual ones for "
            "one replica.",
            "s",
            quantile_per(
                "op, consistency", 0.99, "hedgehog_coordinator_request_duration_seconds", "{{consistency}} {{op}}"
            ),
        ),
        series(
            "Requests slower than 50 ms",
            "Share of the gets and puts that take longer than 50 ms. The objective is at most 1 %.",
            "percentunit",
            Target("1 - " + share(fast, f"sum(rate({DURATION}_count{item_requests}}}[@]))"), "gets and puts"),
            limit=0.01,
        ),
    )


def by_table(board):
    board.row("By table")
    board.add(
        8,
        7,
        series(
            "Request rate by table",
            "Client requests per second. Tables beyond --metrics-max-tables share the line __other__.",
            "reqps",
            request_rate_per("table", ',table!=""'),
            stack=True,
        ),
        series(
            "p95 latency by table",
            "Histogram buckets start at 1 ms. Dots are requests with a trace.",
            "s",
            quantile_per("table", 0.95, DURATION, matchers='{@table,table!=""}', exemplar=True),
        ),
        series(
            "Items by table",
            "Live items; an item counts once on each of its replicas.",
            "short",
            per("table", "hedgehog_storage_items{@table}"),
        ),
    )


def by_node(board):
    board.row("By node")
    board.add(
        6,
        7,
        series(
            "Request rate by node",
            "Client requests per second. A node without requests is missing from the clients' configuration.",
            "reqps",
            request_rate_per("node_id"),
        ),
        series(
            "Item p99 latency by node",
            "One node above the others has a slow disk, a slow link or too much load.",
            "s",
            quantile_per("node_id", 0.99, LATENCY, matchers=ITEM_MATCHERS),
        ),
        series(
            "Error ratio by node",
            "Share of 5xx among the client requests of each node.",
            "percentunit",
            ratio_per("node_id", "5xx"),
            limit=FAST_BURN,
        ),
        series(
            "Requests in flight",
            "Requests received completely and not answered yet.",
            "short",
            per("node_id", "hedgehog_http_requests_in_flight{@}"),
        ),
    )


def rejected_and_slow(board):
    board.row("Rejected and slow requests")
    board.add(
        8,
        7,
        series(
            "Requests shed by reason",
            "Requests per second answered 503 without being processed, because the node is overloaded or, with the "
            "reason draining, shuts down.",
            "reqps",
            per("reason", rate("hedgehog_requests_shed_total")),
            stack=True,
        ),
        series(
            "Requests rejected before routing",
            "Requests per second that are not valid HTTP, exceed a size limit or arrive too slowly.",
            "reqps",
            per("reason", rate("hedgehog_http_rejections_total")),
            stack=True,
        ),
        series(
            "Slow requests by operation",
            "Requests per second that take longer than --slow-ms; the log has a line with the trace id of each.",
            "reqps",
            per("operation", rate("hedgehog_slow_requests_total", "{@," + CLIENTS + "}")),
        ),
    )


def make():
    board = Board("hedgehog-overview", "HedgehogDB overview", __doc__.strip(), variables(table_variable()))
    for section in (summary, alerts, requests, reads_and_writes, by_table, by_node, rejected_and_slow):
        section(board)
    return board
