"""What one looks at first: is it up, how much is asked, how much of it fails, how long does it take."""

from board.panels import (
    BLUE,
    GREEN,
    ORANGE,
    RED,
    YELLOW,
    Board,
    Target,
    heatmap,
    quantile,
    series,
    stat,
    steps,
    table,
    table_variable,
    variables,
)

# What clients ask of items and tables: these operations have one of the words in their name, all others have not.
CLIENTS = 'operation=~".*(item|table).*"'
REQUESTS = "hedgehog_http_requests_total{@table," + CLIENTS
ITEM_MATCHERS = '{@,operation=~"(get|put|delete)_item"}'
LATENCY = "hedgehog_http_request_latency_seconds"
DURATION = "hedgehog_http_request_duration_seconds"


def rate(matchers="", by=""):
    return f"sum {by} (rate({REQUESTS}{matchers}}}[@]))"


def share_of_all(matchers, by=""):
    """Sums on both sides; 0 while nothing fails, and while nothing is asked."""
    return f"({rate(matchers, by)} or 0 * {rate(by=by)}) / clamp_min({rate(by=by)}, 1e-9)"


def glance(board):
    board.row("At a glance")
    board.add(
        3,
        4,
        stat("Nodes up", "Nodes that Prometheus reaches.", "none", "sum(up{@})", steps(RED, (2, ORANGE), (3, GREEN))),
    )
    board.add(
        3,
        4,
        stat(
            "Ready",
            "Nodes whose /readyz says yes: formed, not recovering, taking writes.",
            "none",
            "sum(hedgehog_ready{@})",
            steps(RED, (2, ORANGE), (3, GREEN)),
        ),
    )
    board.add(3, 4, stat("Requests", "What clients ask of items and tables, a second.", "reqps", rate(), steps(BLUE)))
    board.add(
        3,
        4,
        stat(
            "Failing",
            "Share of requests answered 5xx. The goal is 0.1 % over a month; a missing key (404) " "is no failure.",
            "percentunit",
            share_of_all(',status="5xx"'),
            steps(GREEN, (0.001, YELLOW), (0.0144, RED)),
            decimals=2,
        ),
    )
    board.add(
        3,
        4,
        stat(
            "p99 of items",
            "One get, put or delete of an item in a hundred takes longer, in any table.",
            "s",
            quantile(0.99, LATENCY, matchers=ITEM_MATCHERS),
            steps(GREEN, (0.05, YELLOW), (0.25, RED)),
        ),
    )
    board.add(
        3,
        4,
        stat(
            "Partitions at risk",
            "Partitions that miss a replica, or all that strong operations need, in "
            "the eyes of the node that sees most.",
            "none",
            'max(sum by (node_id) (hedgehog_partitions{@,state!="ok"}))',
            steps(GREEN, (1, RED)),
        ),
    )
    board.add(
        3,
        4,
        stat(
            "Writes owed",
            "Hints kept for members that missed writes.",
            "short",
            "sum(hedgehog_replication_hinted_handoff_pending{@})",
            steps(GREEN, (1, YELLOW), (1000, RED)),
        ),
    )
    board.add(
        3,
        4,
        stat(
            "Budget left",
            "Share of the allowance of failures (0.1 % of requests) that the shown time has "
            "left over; below 0 it is overdrawn, and -100 % stands for all that is worse.",
            "percentunit",
            f'clamp_min(1 - sum(increase({REQUESTS},status="5xx"}}[$__range])) / '
            f"clamp_min(0.001 * sum(increase({REQUESTS}}}[$__range])), 1e-9), -1)",
            steps(RED, (0, YELLOW), (0.5, GREEN)),
            graph=False,
            decimals=1,
        ),
    )
    board.add(
        24,
        7,
        table(
            "Active alerts",
            "Alerts that fire or are about to. The watchdog always does: without it, none "
            "is evaluated. docs/alerts.md says what to do about each.",
            'sum by (alertname, alertstate, severity, node_id, target_node) (ALERTS{alertname=~"Hedgehog.*"})',
            {
                "alertname": "Alert",
                "alertstate": "State",
                "severity": "Severity",
                "node_id": "Node",
                "target_node": "About",
            },
        ),
    )


def requests(board):
    board.row("Requests: rate, errors, duration")
    board.add(
        8,
        8,
        series(
            "Rate by operation",
            "Requests a second by what was asked.",
            "reqps",
            (rate(by="by (operation)"), "{{operation}}"),
        ),
    )
    board.add(
        8,
        8,
        series(
            "Failing, by operation",
            "Share of 5xx among all requests of an operation. The line is the rate "
            "at which a month's allowance is gone in two days.",
            "percentunit",
            (share_of_all(',status="5xx"', "by (operation)"), "{{operation}}"),
            limit=0.0144,
            overrides=[],
        ),
    )
    board.add(
        8,
        8,
        series(
            "p95 by operation",
            "From the first byte of a request to its answer handed over, by the "
            "buckets from 1 ms. Dots are requests with a trace: click one to open it.",
            "s",
            Target(quantile(0.95, DURATION, ["operation"], "{@table," + CLIENTS + "}"), "{{operation}}", exemplar=True),
        ),
    )
    board.add(
        8,
        8,
        series(
            "By status",
            "Requests a second by class of status. A 4xx is the caller's: a missing key, a " "malformed request.",
            "reqps",
            (rate(by="by (status)"), "{{status}}"),
            stack=True,
        ),
    )
    board.add(
        8,
        8,
        series(
            "Refused to the caller (4xx)",
            "Share of 4xx among all requests of an operation. Gets of "
            "missing keys count here, so it is no measure of health.",
            "percentunit",
            (share_of_all(',status="4xx"', "by (operation)"), "{{operation}}"),
            overrides=[],
        ),
    )
    board.add(
        8,
        8,
        series(
            "By status code",
            "Answers a second that were not 200, by their exact code.",
            "reqps",
            ('sum by (code) (rate(hedgehog_http_responses_total{@,code!="200"}[@]))', "{{code}}"),
            stack=True,
            overrides=[],
        ),
    )
    board.add(
        8,
        8,
        series(
            "Latency of items",
            "Percentiles over gets, puts and deletes, by the buckets from 50 us.",
            "s",
            [
                (quantile(share, LATENCY, matchers=ITEM_MATCHERS), f"p{round(share * 100)}")
                for share in (0.5, 0.95, 0.99)
            ],
            limit=0.25,
        ),
    )
    board.add(
        8,
        8,
        series(
            "p99 by operation",
            "One request in a hundred takes longer, by the buckets from 50 us.",
            "s",
            (quantile(0.99, LATENCY, ["operation"], "{@," + CLIENTS + "}"), "{{operation}}"),
        ),
    )
    board.add(
        8,
        8,
        heatmap(
            "Latency, all of it",
            "How many requests took how long. Two bands are two kinds of requests, " "which a percentile would hide.",
            DURATION,
            "{@table," + CLIENTS + "}",
        ),
    )


def reads_and_writes(board):
    board.row("Reads and writes")
    for operation, what in (
        ("get", "Reads of one item."),
        ("put", "Writes, durable before their answer."),
        ("delete", "Deletes; of a missing item they are failures of the caller (404)."),
    ):
        board.add(
            6,
            7,
            series(
                f"{operation.capitalize()}s",
                what + " Success is a status below 400.",
                "ops",
                (
                    f'sum by (result) (rate(hedgehog_item_operations_total{{@table,operation="{operation}"}}[@]))',
                    "{{result}}",
                ),
                stack=True,
            ),
        )
    board.add(
        6,
        7,
        series(
            "Not found",
            "Gets and deletes of items that are not there.",
            "ops",
            ("sum by (operation) (rate(hedgehog_item_not_found_total{@table}[@]))", "{{operation}}"),
        ),
    )
    board.add(
        6,
        7,
        series(
            "Scans and counts",
            "Requests a second that cover a whole table.",
            "reqps",
            (
                "sum by (operation) (rate(hedgehog_http_requests_total{@table,"
                'operation=~"scan_items|table_count|list_tables"}[@]))',
                "{{operation}}",
            ),
        ),
    )
    board.add(
        6,
        7,
        series(
            "Coordinated",
            "Operations on replicas by how they ended. quorum_failed: too few replicas "
            "answered well; timeout: too few in time; unavailable: none could be asked.",
            "ops",
            ("sum by (result) (rate(hedgehog_coordinator_requests_total{@}[@]))", "{{result}}"),
            stack=True,
        ),
    )
    board.add(
        6,
        7,
        series(
            "p99 by consistency",
            "From the start of an operation to its answer. Strong ones ask a quorum, "
            "eventual ones are content with one replica.",
            "s",
            (
                quantile(0.99, "hedgehog_coordinator_request_duration_seconds", ["op", "consistency"]),
                "{{consistency}} {{op}}",
            ),
        ),
    )
    board.add(
        6,
        7,
        series(
            "Above 50 ms",
            "Share of gets and puts that took longer than 50 ms. The goal is 1 % at most.",
            "percentunit",
            (
                f'1 - sum(rate({DURATION}_bucket{{@table,operation=~"get_item|put_item",le="0.05"}}[@])) / '
                f'clamp_min(sum(rate({DURATION}_count{{@table,operation=~"get_item|put_item"}}[@])), 1e-9)',
                "gets and puts",
            ),
            limit=0.01,
        ),
    )


def by_table(board):
    board.row("By table")
    board.add(
        8,
        7,
        series(
            "Rate by table",
            "Requests a second by table; beyond the hundredth, tables share one line.",
            "reqps",
            (f'sum by (table) (rate({REQUESTS},table!=""}}[@]))', "{{table}}"),
            stack=True,
        ),
    )
    board.add(
        8,
        7,
        series(
            "p95 by table",
            "By the buckets from 1 ms.",
            "s",
            Target(quantile(0.95, DURATION, ["table"], '{@table,table!=""}'), "{{table}}", exemplar=True),
        ),
    )
    board.add(
        8,
        7,
        series(
            "Items by table",
            "Live items, each counted on all its replicas.",
            "short",
            ("sum by (table) (hedgehog_storage_items{@table})", "{{table}}"),
        ),
    )


def by_node(board):
    board.row("By node")
    board.add(
        6,
        7,
        series(
            "Rate by node",
            "Requests of clients a second. A node that gets none is one that no client " "knows.",
            "reqps",
            (rate(by="by (node_id)"), "{{node_id}}"),
        ),
    )
    board.add(
        6,
        7,
        series(
            "p99 of items by node",
            "One node above the others has a slow disk, a slow link or too much to " "do.",
            "s",
            (quantile(0.99, LATENCY, ["node_id"], ITEM_MATCHERS), "{{node_id}}"),
        ),
    )
    board.add(
        6,
        7,
        series(
            "Failing, by node",
            "Share of 5xx among the requests to a node.",
            "percentunit",
            (share_of_all(',status="5xx"', "by (node_id)"), "{{node_id}}"),
            limit=0.0144,
        ),
    )
    board.add(
        6,
        7,
        series(
            "In flight",
            "Requests received in full and not yet answered.",
            "short",
            ("sum by (node_id) (hedgehog_http_requests_in_flight{@})", "{{node_id}}"),
        ),
    )


def admission(board):
    board.row("Turned away, slow")
    board.add(
        8,
        7,
        series(
            "Shed",
            "Requests answered 503 because of overload or because the node is going away.",
            "reqps",
            ("sum by (reason) (rate(hedgehog_requests_shed_total{@}[@]))", "{{reason}}"),
            stack=True,
        ),
    )
    board.add(
        8,
        7,
        series(
            "Rejected before routing",
            "Bytes that are no HTTP, too large, too late, or more than the node " "takes.",
            "reqps",
            ("sum by (reason) (rate(hedgehog_http_rejections_total{@}[@]))", "{{reason}}"),
            stack=True,
        ),
    )
    board.add(
        8,
        7,
        series(
            "Slow requests",
            "Requests that took longer than --slow-ms, by operation; the log has each with " "its trace id.",
            "reqps",
            ("sum by (operation) (rate(hedgehog_slow_requests_total{@," + CLIENTS + "}[@]))", "{{operation}}"),
        ),
    )


def make():
    board = Board("hedgehog-overview", "HedgehogDB overview", __doc__.strip(), variables(table_variable()))
    for section in (glance, requests, reads_and_writes, by_table, by_node, admission):
        section(board)
    return board
