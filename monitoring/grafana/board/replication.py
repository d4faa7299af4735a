"""Replication between nodes: writes to replicas, hinted handoff, anti-entropy, recovery and tombstone purge."""

from board.dashboard import Board, variables
from board.panels import (
    GREEN,
    HINT_STEPS,
    ORANGE,
    RED,
    YELLOW,
    bars,
    heatmap,
    remote_reads,
    series,
    stat,
    steps,
)
from board.queries import Target, per, quantile, quantile_per, rate, share, total

SEND = "hedgehog_replication_send_total"
SENDS, FAILED_SENDS = rate(SEND), rate(SEND, '{@,result!="success"}')
RECEIVED = "hedgehog_replication_received"
PENDING_HINTS = "hedgehog_replication_hinted_handoff_pending{@}"
OLDEST_HINT = "hedgehog_replication_hint_oldest_timestamp_seconds{@}"


def summary(board):
    board.row("Summary")
    board.add(
        4,
        4,
        stat(
            "Failed replica writes",
            "Share of the puts and deletes for other nodes that were rejected, timed out, or were not sent because the "
            "node is dead.",
            "percentunit",
            share(f"sum({FAILED_SENDS})", f"sum({SENDS})"),
            steps(GREEN, (0.01, YELLOW), (0.05, RED)),
            decimals=2,
        ),
        stat("Pending hints", "Hints stored now, for all nodes.", "short", f"sum({PENDING_HINTS})", HINT_STEPS),
        stat(
            "Age of the oldest hint",
            "Hints older than --hint-window are dropped, and anti-entropy repairs their writes instead.",
            "s",
            f"max(time() - ({OLDEST_HINT} > 0)) or vector(0)",
            steps(GREEN, (600, YELLOW), (1800, RED)),
        ),
        stat(
            "Differing keys",
            "Keys that differed between two nodes in their last sync session.",
            "short",
            "sum(hedgehog_divergent_keys{@})",
            steps(GREEN, (1, YELLOW)),
        ),
        stat(
            "Nodes recovering",
            "Nodes whose disk was lost or rolled back. They store writes but do not vote in quorums.",
            "none",
            "sum(hedgehog_recovering{@})",
            steps(GREEN, (1, ORANGE)),
        ),
        stat(
            "Version conflicts",
            "Times within the selected range that two replicas held the same version with different values. Any value "
            "but 0 means a corrupt disk or a defect in HedgehogDB.",
            "none",
            "sum(increase(hedgehog_version_conflicts_total{@}[$__range]))",
            steps(GREEN, (1, RED)),
            graph=False,
        ),
    )


def sending(board):
    board.row("Requests to other nodes")
    board.add(
        8,
        8,
        series(
            "Replica writes by result",
            "Puts and deletes for other nodes. failure: rejected or timed out; node_down: not sent because the node is "
            "dead. Both store a hint.",
            "ops",
            per("op, result", SENDS),
            stack=True,
        ),
        series(
            "Failed replica writes by target node",
            "Share of the writes that did not reach the node. One node at 100 % is down; a small share on all nodes "
            "points to the network.",
            "percentunit",
            Target(
                share(f"sum by (target_node) ({FAILED_SENDS})", f"sum by (target_node) ({SENDS})"), "{{target_node}}"
            ),
            limit=0.05,
        ),
        series(
            "p95 latency of replica writes",
            "From queueing a put or delete to the acknowledgement of the other node. Dots are requests with a trace.",
            "s",
            quantile_per(
                "op, target_node",
                0.95,
                "hedgehog_replication_send_duration_seconds",
                "{{op}} to {{target_node}}",
                exemplar=True,
            ),
        ),
        *remote_reads(),
        series(
            "Hedges and write-backs",
            "Hedges: requests to more replicas because the first ones were slow. Write-backs: strong reads that first "
            "wrote their value to a quorum.",
            "ops",
            [
                total(rate("hedgehog_coordinator_hedges_total"), "hedges"),
                total(rate("hedgehog_coordinator_write_backs_total"), "write-backs"),
            ],
        ),
    )


def receiving(board):
    board.row("Requests from other nodes")
    board.add(
        8,
        8,
        series(
            "Received operations by result",
            "Operations per second that other nodes sent.",
            "ops",
            per("op, result", rate(f"{RECEIVED}_total")),
            stack=True,
        ),
        series(
            "p95 latency of received operations",
            "From the arrival of an operation to its response; a put waits for its fsync. Dots are requests with a "
            "trace.",
            "s",
            quantile_per("op", 0.95, f"{RECEIVED}_duration_seconds", exemplar=True),
        ),
        heatmap(
            "Latency distribution of received operations",
            "Number of operations in each latency bucket.",
            f"{RECEIVED}_duration_seconds",
        ),
    )
    board.add(
        8,
        7,
        series(
            "Received operations by node",
            "Operations per second that each node received from other nodes.",
            "ops",
            per("node_id", rate(f"{RECEIVED}_total")),
        ),
        series(
            "p95 latency of received operations by node",
            "One node above the others delays every quorum that it belongs to.",
            "s",
            quantile_per("node_id", 0.95, f"{RECEIVED}_duration_seconds"),
        ),
        series(
            "Rejected messages by reason",
            "Messages from other nodes that are rejected as a whole: malformed, without the cluster secret, from "
            "another cluster, or received during shutdown.",
            "ops",
            per("reason", rate("hedgehog_peer_messages_refused_total")),
        ),
    )


def hints(board):
    board.row("Hinted handoff: writes stored for nodes that missed them")
    age = f"(time() - ({OLDEST_HINT} > 0)) or 0 * {OLDEST_HINT}"
    board.add(
        8,
        8,
        series(
            "Pending hints by target node",
            "Hints stored on all nodes. The number returns to 0 within seconds after the target node is back.",
            "short",
            per("target_node", PENDING_HINTS),
        ),
        series(
            "Age of the oldest hint by target node",
            "Time since the oldest pending hint was stored. Above the dashed line HedgehogHintBacklogOld fires.",
            "s",
            per("target_node", age, function="max"),
            limit=1800,
        ),
        series(
            "Size of pending hints",
            "Bytes stored on each node; --hint-budget limits them for all target nodes together.",
            "bytes",
            per("node_id", "hedgehog_replication_hint_bytes{@}"),
        ),
        series(
            "Hints stored, delivered and superseded",
            "A stored hint is later delivered, superseded by a newer hint for the same key, or expired.",
            "ops",
            [
                total(rate(f"hedgehog_replication_hints_{event}_total"), event)
                for event in ("stored", "delivered", "superseded")
            ],
        ),
        series(
            "Dropped hints by reason",
            "Writes that anti-entropy has to repair instead. expired: older than --hint-window; limit: over "
            "--hint-budget; disk, queue: the hint could not be stored.",
            "ops",
            per("target_node, reason", rate("hedgehog_replication_hints_dropped_total")),
        ),
        series(
            "Replayed hints by target node",
            "Puts and deletes per second that a node accepted from hints.",
            "ops",
            per(
                "target_node, op", rate("hedgehog_replication_hint_replay_ops_total"), "{{op}} to {{target_node}}"
            ),
            stack=True,
        ),
    )


def replay_passes(board):
    board.add(
        8,
        7,
        series(
            "Replay passes by result",
            "Passes over the hints for a node. failure: the node did not accept some hint.",
            "ops",
            per("target_node, result", rate("hedgehog_replication_hint_replay_total")),
        ),
        series(
            "p95 duration of replay passes",
            "95 % of the passes over the hints for a node complete within this time.",
            "s",
            Target(quantile(0.95, "hedgehog_replication_hint_replay_duration_seconds"), "all nodes"),
        ),
        bars(
            "Pending hints by pair",
            "The node that stores the hints, and the target node that missed the writes.",
            "short",
            per("node_id, target_node", PENDING_HINTS, "{{node_id}} for {{target_node}}"),
            HINT_STEPS,
        ),
    )


def repair(board):
    board.row("Repair: anti-entropy, read repair, tombstones, recovery")
    pair = "{{node_id}} and {{target_node}}"
    board.add(
        8,
        8,
        series(
            "Anti-entropy sessions by result",
            "equal: nothing differed; repaired: the session transferred keys; failed: it did not complete, and the log "
            "has the reason.",
            "ops",
            per("result", rate("hedgehog_anti_entropy_comparisons_total")),
            stack=True,
        ),
        series(
            "Keys repaired by anti-entropy",
            "pulled: received from the other node; pushed: sent to it; dropped: removed because it has purged them.",
            "ops",
            per("direction", rate("hedgehog_anti_entropy_keys_total")),
        ),
        series(
            "Differing keys by pair",
            "Keys that differed in the last session of two nodes, without those written just before it.",
            "short",
            per("node_id, target_node", "hedgehog_divergent_keys{@}", pair, "max"),
        ),
        series(
            "Age of differences by pair",
            "Age of the oldest differing key in the last session of two nodes.",
            "s",
            per("node_id, target_node", "hedgehog_divergence_age_seconds{@}", pair, "max"),
        ),
        series(
            "Read repairs by result",
            "Replicas per second that a read found out of date, by whether they accepted the newer value.",
            "ops",
            per("result", rate("hedgehog_read_repair_total")),
        ),
        series(
            "Tombstone purge",
            "Tombstones purged on all replicas, and partitions in which purging is blocked; /api/v1/cluster/status "
            "names the reason.",
            "short",
            [
                total(rate("hedgehog_tombstones_purged_total"), "purged per second"),
                total("hedgehog_purge_blocked_partitions{@}", "partitions blocked"),
            ],
        ),
    )


def recovery(board):
    board.add(
        12,
        7,
        series(
            "Recovery progress",
            "Partitions that a node has recovered since its disk was lost or rolled back, and all that it has to; 0 on "
            "a node that does not recover.",
            "short",
            [
                per("node_id", "hedgehog_recovery_partitions_whole{@}", "{{node_id}} recovered"),
                per("node_id", "hedgehog_recovery_partitions{@}", "{{node_id}} total"),
            ],
        ),
        series(
            "Tombstones by table",
            "Deleted items that are not purged yet; a delete counts once on each of its replicas.",
            "short",
            per("table", "hedgehog_storage_tombstones{@}"),
        ),
    )


def make():
    board = Board("hedgehog-replication", "HedgehogDB replication", __doc__.strip(), variables())
    for section in (summary, sending, receiving, hints, replay_passes, repair, recovery):
        section(board)
    return board
