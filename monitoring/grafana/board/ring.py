"""The ring: who writes to whom, and how one node sees the others, against how Prometheus sees them."""

from board.panels import (
    BLUE,
    GREEN,
    ORANGE,
    RED,
    YELLOW,
    Board,
    Target,
    bars,
    node_graph,
    quantile,
    series,
    stat,
    steps,
    timeline,
    variables,
)

# Everybody's view, not only that of the chosen node.
ALL = '{job=~"$job"'
UP = [(0, "down", RED), (1, "up", GREEN)]
SENDS = "sum by (node_id, target_node) (rate(hedgehog_replication_send_total" + ALL + "}[@]))"


def renamed(text, *pairs):
    for source, target in pairs:
        text = f'label_replace({text}, "{target}", "$1", "{source}", "(.+)")'
    return text


def whole_ring(board):
    board.row("The whole ring")
    edges = renamed(SENDS, ("node_id", "source"), ("target_node", "target"))
    nodes = renamed(
        "sum by (node_id) (rate(hedgehog_http_requests_total" + ALL + ',operation=~".*(item|table).*"}[@]))',
        ("node_id", "id"),
        ("node_id", "title"),
    )
    board.add(
        12,
        12,
        node_graph(
            "Who writes to whom",
            "A circle is a node, with the requests of clients it gets a second; "
            "an arrow is what its coordinator sends another for storing.",
            nodes,
            f'label_join({edges}, "id", " to ", "source", "target")',
        ),
    )
    board.stack(
        12,
        (
            5,
            timeline(
                "Up, as Prometheus sees it",
                "Whether each node answered its scrape.",
                ("up" + ALL + "}", "{{node_id}}"),
                UP,
            ),
        ),
        (
            7,
            timeline(
                "Up, as the nodes see each other",
                "One line for each pair. A line that is red while the node itself is up is a link that is cut.",
                ("hedgehog_cluster_node_up" + ALL + "}", "{{node_id}} sees {{target_node}}"),
                UP,
            ),
        ),
    )
    board.add(
        12,
        7,
        series(
            "Sent, by pair",
            "Puts and deletes a second from one node to another.",
            "ops",
            (SENDS, "{{node_id}} to {{target_node}}"),
        ),
    )
    board.add(
        12,
        7,
        series(
            "p95 of sends, by pair",
            "A pair that is slower than all others has a slow link between it.",
            "s",
            Target(
                quantile(0.95, "hedgehog_replication_send_duration_seconds", ["node_id", "target_node"], ALL + "}"),
                "{{node_id}} to {{target_node}}",
                exemplar=True,
            ),
        ),
    )


def one_view(board):
    board.row("As $node sees it")
    board.add(
        4,
        5,
        stat(
            "Members alive",
            "Members this node takes for alive, itself included.",
            "none",
            'sum(hedgehog_cluster_members{@,state="alive"})',
            steps(RED, (2, ORANGE), (3, GREEN)),
        ),
    )
    board.add(
        4,
        5,
        stat(
            "Serving",
            "Whether its /readyz says yes.",
            "none",
            "max(hedgehog_ready{@})",
            steps(RED, (1, GREEN)),
            mappings=[
                {
                    "type": "value",
                    "options": {
                        "0": {"text": "not ready", "color": RED, "index": 0},
                        "1": {"text": "ready", "color": GREEN, "index": 1},
                    },
                }
            ],
        ),
    )
    board.add(
        4,
        5,
        stat(
            "Partitions whole",
            "Share of its partitions of which all N replicas are alive.",
            "percentunit",
            'sum(hedgehog_partitions{@,state="ok"}) / sum(hedgehog_partitions{@})',
            steps(RED, (0.5, ORANGE), (1, GREEN)),
            decimals=0,
        ),
    )
    board.add(
        4,
        5,
        stat(
            "Widest clock",
            "How far the clock of another member is from this node's, at most.",
            "s",
            "max(abs(hedgehog_peer_clock_offset_seconds{@}))",
            steps(GREEN, (0.1, YELLOW), (0.25, RED)),
        ),
    )
    board.add(4, 5, stat("Tables", "Live tables in its catalog.", "none", "max(hedgehog_tables{@})", steps(BLUE)))
    board.add(
        4,
        5,
        stat(
            "Operations running",
            "Coordinated here and not answered yet.",
            "short",
            "sum(hedgehog_coordinator_operations_running{@})",
            steps(BLUE),
        ),
    )
    board.add(
        8,
        8,
        series(
            "Partitions by state",
            "ok: all replicas alive; under_replicated: enough for strong operations; " "unavailable: too few.",
            "short",
            ("sum by (state) (hedgehog_partitions{@})", "{{state}}"),
            stack=True,
        ),
    )
    board.add(
        8,
        8,
        series(
            "Members by state",
            "suspect: silent for the failure timeout; dead: for twice that.",
            "short",
            ("sum by (state) (hedgehog_cluster_members{@})", "{{state}}"),
            stack=True,
        ),
    )
    board.add(
        8,
        8,
        series(
            "Clock offsets",
            "How far a member's clock is ahead of this node's, less the way there.",
            "s",
            ("max by (target_node) (hedgehog_peer_clock_offset_seconds{@})", "{{target_node}}"),
            min=None,
        ),
    )
    board.add(
        8,
        8,
        series(
            "Its writes to others",
            "Puts and deletes it sent, by what became of them.",
            "ops",
            (
                "sum by (target_node, result) (rate(hedgehog_replication_send_total{@}[@]))",
                "{{target_node}} {{result}}",
            ),
            stack=True,
        ),
    )
    board.add(
        8,
        8,
        series(
            "Its reads of others",
            "Gets and versions it asked others for.",
            "ops",
            (
                "sum by (target_node, result) (rate(hedgehog_coordinator_remote_reads_total{@}[@]))",
                "{{target_node}} {{result}}",
            ),
            stack=True,
        ),
    )
    board.add(
        8,
        8,
        series(
            "p95 of its reads",
            "From asking a member to its answer.",
            "s",
            (quantile(0.95, "hedgehog_coordinator_remote_read_duration_seconds", ["target_node"]), "{{target_node}}"),
        ),
    )
    board.add(
        8,
        8,
        series(
            "Bytes to and from others",
            "Bodies of its messages to a member, and of the answers.",
            "Bps",
            [
                ("sum by (target_node) (rate(hedgehog_peer_sent_bytes_total{@}[@]))", "to {{target_node}}"),
                ("sum by (target_node) (rate(hedgehog_peer_received_bytes_total{@}[@]))", "from {{target_node}}"),
            ],
        ),
    )
    board.add(
        8,
        8,
        series(
            "Waiting for members",
            "Bytes that wait to be sent, and that are not answered yet.",
            "bytes",
            [
                ("sum(hedgehog_peer_waiting_bytes{@})", "waiting"),
                ("sum(hedgehog_peer_bytes_in_flight{@})", "in flight"),
            ],
        ),
    )
    board.add(
        8,
        8,
        bars(
            "Writes it owes",
            "Hints it keeps for each member.",
            "short",
            "sum by (target_node) (hedgehog_replication_hinted_handoff_pending{@})",
            "{{target_node}}",
            steps(GREEN, (1, YELLOW), (1000, RED)),
        ),
    )


def disagreement(board):
    board.row("Where nodes and Prometheus disagree")
    board.add(
        12,
        6,
        timeline(
            "Cut links",
            "Where a node takes another for dead that Prometheus reaches, on a line for each pair.",
            (
                "(1 - hedgehog_cluster_node_up"
                + ALL
                + "}) * on (job, target_node) group_left () label_replace(up"
                + ALL
                + '}, "target_node", "$1", "node_id", "(.+)")',
                "{{node_id}} to {{target_node}}",
            ),
            [(0, "agree", GREEN), (1, "cut", RED)],
        ),
    )
    board.add(
        12,
        6,
        series(
            "Members alive, by viewer",
            "Lines that part are views that part.",
            "short",
            ("sum by (node_id) (hedgehog_cluster_members" + ALL + ',state="alive"})', "{{node_id}}"),
        ),
    )


def make():
    board = Board("hedgehog-ring", "HedgehogDB ring", __doc__.strip(), variables(many_nodes=False))
    for section in (whole_ring, one_view, disagreement):
        section(board)
    return board
