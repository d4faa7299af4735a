"""The nodes of the ring: traffic between them, and the liveness of each one as the others and Prometheus see it."""

from board.dashboard import Board, variables
from board.panels import (
    BLUE,
    GREEN,
    HINT_STEPS,
    NODE_STEPS,
    ORANGE,
    RED,
    YELLOW,
    bars,
    node_graph,
    remote_reads,
    series,
    stat,
    steps,
    timeline,
    value_words,
)
from board.queries import Target, per, quantile_per, rate, total

UP = [(0, "down", RED), (1, "up", GREEN)]
SENDS = rate("hedgehog_replication_send_total", "{@job}")
REQUESTS = rate("hedgehog_http_requests_total", '{@job,operation=~".*(item|table).*"}')
PAIR = "{{node_id}} to {{target_node}}"


def renamed(text, *pairs):
    """Copies labels: each pair is (source, target)."""
    for source, target in pairs:
        text = f'label_replace({text}, "{target}", "$1", "{source}", "(.+)")'
    return text


def whole_ring(board):
    board.row("All nodes")
    nodes = renamed(f"sum by (node_id) ({REQUESTS})", ("node_id", "id"), ("node_id", "title"))
    edges = renamed(f"sum by (node_id, target_node) ({SENDS})", ("node_id", "source"), ("target_node", "target"))
    board.add(
        12,
        12,
        node_graph(
            "Replication traffic",
            "A circle is a node, with the client requests per second that it receives. An arrow shows the writes per "
            "second that it coordinates and sends to a replica.",
            nodes,
            f'label_join({edges}, "id", " to ", "source", "target")',
        ),
    )
    board.stack(
        12,
        (
            5,
            timeline(
                "Nodes up, as seen by Prometheus",
                "Whether the scrape of each node succeeded.",
                Target("up{@job}", "{{node_id}}"),
                UP,
            ),
        ),
        (
            7,
            timeline(
                "Nodes up, as seen by each other",
                "One line per pair of nodes. If a line is red while the node is up for Prometheus, the link between "
                "the two is broken.",
                Target("hedgehog_cluster_node_up{@job}", "{{node_id}} sees {{target_node}}"),
                UP,
            ),
        ),
    )
    board.add(
        12,
        7,
        series(
            "Replica writes by pair",
            "Puts and deletes per second from one node to another.",
            "ops",
            per("node_id, target_node", SENDS, PAIR),
        ),
        series(
            "p95 latency of replica writes by pair",
            "A pair that is slower than all others has a slow link. Dots are requests with a trace.",
            "s",
            quantile_per(
                "node_id, target_node",
                0.95,
                "hedgehog_replication_send_duration_seconds",
                PAIR,
                "{@job}",
                exemplar=True,
            ),
        ),
    )


def one_view(board):
    board.row("As seen by $node")
    board.add(
        4,
        5,
        stat(
            "Members alive",
            "Members that this node considers alive, including itself.",
            "none",
            'sum(hedgehog_cluster_members{@,state="alive"})',
            NODE_STEPS,
        ),
        stat(
            "Readiness",
            "Whether /readyz of this node returns 200.",
            "none",
            "max(hedgehog_ready{@})",
            steps(RED, (1, GREEN)),
            mappings=value_words([(0, "not ready", RED), (1, "ready", GREEN)]),
        ),
        stat(
            "Fully replicated partitions",
            "Share of the partitions whose replicas are all alive.",
            "percentunit",
            'sum(hedgehog_partitions{@,state="ok"}) / sum(hedgehog_partitions{@})',
            steps(RED, (0.5, ORANGE), (1, GREEN)),
            decimals=0,
        ),
        stat(
            "Largest clock offset",
            "Largest difference between the clock of another member and the clock of this node.",
            "s",
            "max(abs(hedgehog_peer_clock_offset_seconds{@}))",
            steps(GREEN, (0.1, YELLOW), (0.25, RED)),
        ),
        stat("Tables", "Tables in the catalog of this node.", "none", "max(hedgehog_tables{@})", steps(BLUE)),
        stat(
            "Running operations",
            "Operations that this node coordinates and has not answered yet.",
            "short",
            "sum(hedgehog_coordinator_operations_running{@})",
            steps(BLUE),
        ),
    )


def states(board):
    board.add(
        8,
        8,
        series(
            "Partitions by state",
            "ok: all replicas are alive; under_replicated: enough for strong operations; unavailable: too few.",
            "short",
            per("state", "hedgehog_partitions{@}"),
            stack=True,
        ),
        series(
            "Members by state",
            "suspect: no heartbeat for --failure-timeout-ms; dead: none for twice that time.",
            "short",
            per("state", "hedgehog_cluster_members{@}"),
            stack=True,
        ),
        series(
            "Clock offsets by member",
            "Time by which the clock of a member is ahead of the clock of this node, corrected for the network delay.",
            "s",
            per("target_node", "hedgehog_peer_clock_offset_seconds{@}", function="max"),
            min=None,
        ),
    )


def one_nodes_traffic(board):
    board.add(
        8,
        8,
        series(
            "Replica writes by target node",
            "Puts and deletes per second that this node sent, by result.",
            "ops",
            per("target_node, result", rate("hedgehog_replication_send_total")),
            stack=True,
        ),
        *remote_reads(),
        series(
            "Traffic with other nodes",
            "Message bodies sent to each node, and response bodies received from it.",
            "Bps",
            [
                per("target_node", rate("hedgehog_peer_sent_bytes_total"), "to {{target_node}}"),
                per("target_node", rate("hedgehog_peer_received_bytes_total"), "from {{target_node}}"),
            ],
        ),
        series(
            "Bytes queued and in flight to other nodes",
            "Bytes that wait to be sent, and bytes that were sent and not answered yet.",
            "bytes",
            [
                total("hedgehog_peer_waiting_bytes{@}", "queued"),
                total("hedgehog_peer_bytes_in_flight{@}", "in flight"),
            ],
        ),
        bars(
            "Pending hints by target node",
            "Hints that this node stores for each other node.",
            "short",
            per("target_node", "hedgehog_replication_hinted_handoff_pending{@}"),
            HINT_STEPS,
        ),
    )


def disagreement(board):
    board.row("Disagreement about liveness")
    reached = renamed("up{@job}", ("node_id", "target_node"))
    board.add(
        12,
        6,
        timeline(
            "Broken links",
            "One line per pair of nodes; red while the first considers the second dead and Prometheus can scrape it.",
            Target(f"(1 - hedgehog_cluster_node_up{{@job}}) * on (job, target_node) group_left () {reached}", PAIR),
            [(0, "agree", GREEN), (1, "broken", RED)],
        ),
        series(
            "Members alive, by observing node",
            "Number of members that each node considers alive. Lines that differ show that the nodes disagree.",
            "short",
            per("node_id", 'hedgehog_cluster_members{@job,state="alive"}'),
        ),
    )


def make():
    board = Board("hedgehog-ring", "HedgehogDB ring", __doc__.strip(), variables(many_nodes=False))
    for section in (whole_ring, one_view, states, one_nodes_traffic, disagreement):
        section(board)
    return board
