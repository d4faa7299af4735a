"""What replicas do for each other: writes sent, writes owed, and how what differs is mended."""

from board.panels import (
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
    variables,
)

SEND = "hedgehog_replication_send_total"


def glance(board):
    board.row("At a glance")
    board.add(
        4,
        4,
        stat(
            "Sends that fail",
            "Share of puts and deletes for other members that were refused, not answered, "
            "or not sent because the member is dead.",
            "percentunit",
            f'sum(rate({SEND}{{@,result!="success"}}[@])) / clamp_min(sum(rate({SEND}{{@}}[@])), 1e-9)',
            steps(GREEN, (0.01, YELLOW), (0.05, RED)),
            decimals=2,
        ),
    )
    board.add(
        4,
        4,
        stat(
            "Writes owed",
            "Hints kept now, for all members.",
            "short",
            "sum(hedgehog_replication_hinted_handoff_pending{@})",
            steps(GREEN, (1, YELLOW), (1000, RED)),
        ),
    )
    board.add(
        4,
        4,
        stat(
            "Oldest hint",
            "How long ago the oldest hint of all was stored. Beyond the hint window a write is "
            "left to anti-entropy.",
            "s",
            "max(time() - (hedgehog_replication_hint_oldest_timestamp_seconds{@} > 0)) or vector(0)",
            steps(GREEN, (600, YELLOW), (1800, RED)),
        ),
    )
    board.add(
        4,
        4,
        stat(
            "Differing keys",
            "Keys that differed between two members when they were last compared.",
            "short",
            "sum(hedgehog_divergent_keys{@})",
            steps(GREEN, (1, YELLOW)),
        ),
    )
    board.add(
        4,
        4,
        stat(
            "Recovering",
            "Nodes whose disk lacks what it once held. They store, and do not vote.",
            "none",
            "sum(hedgehog_recovering{@})",
            steps(GREEN, (1, ORANGE)),
        ),
    )
    board.add(
        4,
        4,
        stat(
            "Version conflicts",
            "Times within the shown time that two replicas held one version with different values. "
            "Anything but 0 is a fault of a disk or of ours.",
            "none",
            "sum(increase(hedgehog_version_conflicts_total{@}[$__range]))",
            steps(GREEN, (1, RED)),
            graph=False,
        ),
    )


def sending(board):
    board.row("Sent to other members")
    board.add(
        8,
        8,
        series(
            "Sends by result",
            "Puts and deletes for other members. failure: refused or not answered in "
            "time; node_down: not sent, because it is dead. Both leave a hint.",
            "ops",
            (f"sum by (op, result) (rate({SEND}{{@}}[@]))", "{{op}} {{result}}"),
            stack=True,
        ),
    )
    board.add(
        8,
        8,
        series(
            "Failing, by member",
            "Share of sends that did not reach a member. One member at 100 % is away; "
            "all of them at a little is the network.",
            "percentunit",
            (
                f'sum by (target_node) (rate({SEND}{{@,result!="success"}}[@])) / '
                f"clamp_min(sum by (target_node) (rate({SEND}{{@}}[@])), 1e-9)",
                "{{target_node}}",
            ),
            limit=0.05,
        ),
    )
    board.add(
        8,
        8,
        series(
            "p95 of sends",
            "From handing a put or delete over to a member's answer. Dots are traces.",
            "s",
            Target(
                quantile(0.95, "hedgehog_replication_send_duration_seconds", ["op", "target_node"]),
                "{{op}} to {{target_node}}",
                exemplar=True,
            ),
        ),
    )
    board.add(
        8,
        8,
        series(
            "Reads of other members",
            "Gets and versions that coordinators asked other members for.",
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
            "p95 of remote reads",
            "From asking a member to its answer, by the buckets from 50 us.",
            "s",
            (quantile(0.95, "hedgehog_coordinator_remote_read_duration_seconds", ["target_node"]), "{{target_node}}"),
        ),
    )
    board.add(
        8,
        8,
        series(
            "Extra work of coordinators",
            "Hedges: further replicas asked because the first were slow. "
            "Write-backs: strong reads that first brought their value to a quorum.",
            "ops",
            [
                ("sum(rate(hedgehog_coordinator_hedges_total{@}[@]))", "hedges"),
                ("sum(rate(hedgehog_coordinator_write_backs_total{@}[@]))", "write-backs"),
            ],
        ),
    )


def receiving(board):
    board.row("Received from other members")
    received = "hedgehog_replication_received"
    board.add(
        8,
        8,
        series(
            "Received by result",
            "Operations that came from other members.",
            "ops",
            (f"sum by (op, result) (rate({received}_total{{@}}[@]))", "{{op}} {{result}}"),
            stack=True,
        ),
    )
    board.add(
        8,
        8,
        series(
            "p95 of received",
            "From an operation's arrival to its answer; a put waits for its sync. Dots " "are traces.",
            "s",
            Target(quantile(0.95, received + "_duration_seconds", ["op"]), "{{op}}", exemplar=True),
        ),
    )
    board.add(
        8, 8, heatmap("Received, all of it", "How many operations took how long.", received + "_duration_seconds")
    )
    board.add(
        8,
        7,
        series(
            "Received by node",
            "Operations from other members a second.",
            "ops",
            (f"sum by (node_id) (rate({received}_total{{@}}[@]))", "{{node_id}}"),
        ),
    )
    board.add(
        8,
        7,
        series(
            "p95 by node",
            "One node above the others holds up everybody's quorums.",
            "s",
            (quantile(0.95, received + "_duration_seconds", ["node_id"]), "{{node_id}}"),
        ),
    )
    board.add(
        8,
        7,
        series(
            "Messages refused whole",
            "Malformed, without the cluster's secret, of another cluster, or to a " "node that is going away.",
            "ops",
            ("sum by (reason) (rate(hedgehog_peer_messages_refused_total{@}[@]))", "{{reason}}"),
        ),
    )


def hints(board):
    board.row("Hints: writes owed to members that missed them")
    board.add(
        8,
        8,
        series(
            "Pending",
            "Hints kept now for a member, over all nodes that keep any. Back to 0 within seconds " "of its return.",
            "short",
            ("sum by (target_node) (hedgehog_replication_hinted_handoff_pending{@})", "{{target_node}}"),
        ),
    )
    board.add(
        8,
        8,
        series(
            "Age of the oldest",
            "How long ago the oldest hint for a member was stored.",
            "s",
            (
                "max by (target_node) ((time() - (hedgehog_replication_hint_oldest_timestamp_seconds{@} > 0))"
                " or 0 * hedgehog_replication_hint_oldest_timestamp_seconds{@})",
                "{{target_node}}",
            ),
            limit=1800,
        ),
    )
    board.add(
        8,
        8,
        series(
            "Bytes pending",
            "Against --hint-budget, which is for all members together.",
            "bytes",
            ("sum by (node_id) (hedgehog_replication_hint_bytes{@})", "kept by {{node_id}}"),
        ),
    )
    kinds = ("stored", "delivered", "superseded")
    board.add(
        8,
        8,
        series(
            "What becomes of them",
            "Stored hints are delivered, superseded by a newer one for the same key, " "or expire.",
            "ops",
            [(f"sum(rate(hedgehog_replication_hints_{kind}_total{{@}}[@]))", kind) for kind in kinds],
        ),
    )
    board.add(
        8,
        8,
        series(
            "Given up",
            "Writes that anti-entropy owes instead: expired hints, and those never stored for "
            "want of budget, disk or queue.",
            "ops",
            (
                "sum by (target_node, reason) (rate(hedgehog_replication_hints_dropped_total{@}[@]))",
                "{{target_node}} {{reason}}",
            ),
        ),
    )
    board.add(
        8,
        8,
        series(
            "Replayed",
            "Puts and deletes that a member took from hints.",
            "ops",
            (
                "sum by (target_node, op) (rate(hedgehog_replication_hint_replay_ops_total{@}[@]))",
                "{{op}} to {{target_node}}",
            ),
            stack=True,
        ),
    )
    board.add(
        8,
        7,
        series(
            "Replays by result",
            "Walks through the hints of a member; a failure is one that some hint was " "not taken in.",
            "ops",
            (
                "sum by (target_node, result) (rate(hedgehog_replication_hint_replay_total{@}[@]))",
                "{{target_node}} {{result}}",
            ),
        ),
    )
    board.add(
        8,
        7,
        series(
            "p95 of replays",
            "How long a walk takes.",
            "s",
            (quantile(0.95, "hedgehog_replication_hint_replay_duration_seconds"), "all members"),
        ),
    )
    board.add(
        8,
        7,
        bars(
            "Pending, by keeper",
            "Who keeps how many hints for whom.",
            "short",
            "sum by (node_id, target_node) (hedgehog_replication_hinted_handoff_pending{@})",
            "{{node_id}} for {{target_node}}",
            steps(GREEN, (1, YELLOW), (1000, RED)),
        ),
    )


def healing(board):
    board.row("Healing")
    board.add(
        8,
        8,
        series(
            "Comparisons",
            "Anti-entropy's comparisons with a member, by what they found.",
            "ops",
            ("sum by (result) (rate(hedgehog_anti_entropy_comparisons_total{@}[@]))", "{{result}}"),
            stack=True,
        ),
    )
    board.add(
        8,
        8,
        series(
            "Keys mended",
            "Keys that comparisons brought, by direction.",
            "ops",
            ("sum by (direction) (rate(hedgehog_anti_entropy_keys_total{@}[@]))", "{{direction}}"),
        ),
    )
    board.add(
        8,
        8,
        series(
            "Keys that differ",
            "When a pair was last compared, those written just before left out.",
            "short",
            ("max by (node_id, target_node) (hedgehog_divergent_keys{@})", "{{node_id}} and {{target_node}}"),
        ),
    )
    board.add(
        8,
        8,
        series(
            "Age of differences",
            "How old the oldest of them was at that comparison.",
            "s",
            ("max by (node_id, target_node) (hedgehog_divergence_age_seconds{@})", "{{node_id}} and {{target_node}}"),
        ),
    )
    board.add(
        8,
        8,
        series(
            "Read repairs",
            "Replicas that a strong read found behind.",
            "ops",
            ("sum by (result) (rate(hedgehog_read_repair_total{@}[@]))", "{{result}}"),
        ),
    )
    board.add(
        8,
        8,
        series(
            "Old deletes",
            "Forgotten a second; and partitions in which they cannot be forgotten now.",
            "short",
            [
                ("sum(rate(hedgehog_tombstones_purged_total{@}[@]))", "forgotten a second"),
                ("sum(hedgehog_purge_blocked_partitions{@})", "partitions that wait"),
            ],
        ),
    )
    board.add(
        12,
        7,
        series(
            "Recovery",
            "Partitions that are whole again, of those that are to be, on a node that lost its "
            "disk; 0 on all others.",
            "short",
            [
                ("sum by (node_id) (hedgehog_recovery_partitions_whole{@})", "{{node_id}} whole"),
                ("sum by (node_id) (hedgehog_recovery_partitions{@})", "{{node_id}} all"),
            ],
        ),
    )
    board.add(
        12,
        7,
        series(
            "Tombstones",
            "Deletes still remembered, by table.",
            "short",
            ("sum by (table) (hedgehog_storage_tombstones{@})", "{{table}}"),
        ),
    )


def make():
    board = Board("hedgehog-replication", "HedgehogDB replication", __doc__.strip(), variables())
    for section in (glance, sending, receiving, hints, healing):
        section(board)
    return board
