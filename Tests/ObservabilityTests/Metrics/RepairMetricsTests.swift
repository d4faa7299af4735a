@testable import Observability
import Testing

@Suite struct HealingMetricsTests {
    private let registry = MetricRegistry()

    @Test("A member has every series of its hints and comparisons at 0 before anything has happened")
    func memberStartsAtZero() {
        _ = RepairMetrics(registry: registry).member("node-2")
        let expected = [
            #"hedgehog_replication_hints_dropped_total{target_node="node-2",reason="limit"} 0"#,
            #"hedgehog_replication_hints_dropped_total{target_node="node-2",reason="disk"} 0"#,
            #"hedgehog_replication_hints_dropped_total{target_node="node-2",reason="queue"} 0"#,
            #"hedgehog_replication_hint_replay_total{target_node="node-2",result="success"} 0"#,
            #"hedgehog_replication_hint_replay_total{target_node="node-2",result="failure"} 0"#,
            #"hedgehog_replication_hint_replay_ops_total{target_node="node-2",op="put"} 0"#,
            #"hedgehog_replication_hint_replay_ops_total{target_node="node-2",op="delete"} 0"#,
            #"hedgehog_anti_entropy_comparisons_total{target_node="node-2",result="equal"} 0"#,
            #"hedgehog_anti_entropy_comparisons_total{target_node="node-2",result="repaired"} 0"#,
            #"hedgehog_anti_entropy_comparisons_total{target_node="node-2",result="failed"} 0"#,
            #"hedgehog_anti_entropy_keys_total{target_node="node-2",direction="pulled"} 0"#,
            #"hedgehog_anti_entropy_keys_total{target_node="node-2",direction="pushed"} 0"#,
            #"hedgehog_anti_entropy_keys_total{target_node="node-2",direction="dropped"} 0"#,
        ]
        #expect(lines(registry, with: "hedgehog_", and: "node-2") == expected)
        #expect(page(registry).contains(#"hedgehog_read_repair_total{result="failure"} 0"#))
    }

    @Test("A replay counts once as a run, and each put and delete that was taken")
    func replays() {
        let metrics = RepairMetrics(registry: registry)
        let (first, second) = (metrics.member("a"), metrics.member("b"))
        first.countReplay(isComplete: true, puts: 7, deletes: 2, nanoseconds: 20_000_000)
        second.countReplay(isComplete: false, puts: 1, deletes: 0, nanoseconds: 2_000_000_000)
        let moved = lines(registry, with: "hedgehog_replication_hint_replay_", and: "target_node")
            .filter { !$0.hasSuffix(" 0") }
        #expect(moved == [
            #"hedgehog_replication_hint_replay_total{target_node="a",result="success"} 1"#,
            #"hedgehog_replication_hint_replay_total{target_node="b",result="failure"} 1"#,
            #"hedgehog_replication_hint_replay_ops_total{target_node="a",op="put"} 7"#,
            #"hedgehog_replication_hint_replay_ops_total{target_node="a",op="delete"} 2"#,
            #"hedgehog_replication_hint_replay_ops_total{target_node="b",op="put"} 1"#,
        ])
        #expect(page(registry).contains("hedgehog_replication_hint_replay_duration_seconds_count 2\n"))
        #expect(page(registry).contains(#"hint_replay_duration_seconds_bucket{le="0.05"} 1"#))
    }

    @Test("What was lost, compared, mended, repaired by reads and forgotten moves its own series")
    func others() {
        let metrics = RepairMetrics(registry: registry)
        let series = metrics.member("a")
        for (count, reason) in HintLossReason.allCases.enumerated() {
            for _ in 0...count { series.countHintLoss(reason) }
        }
        for (count, result) in ComparisonResult.allCases.enumerated() {
            for _ in 0...count { series.countComparison(result) }
        }
        for (count, direction) in RepairDirection.allCases.enumerated() { series.countKeys(direction, count + 1) }
        metrics.countReadRepair(succeeded: true)
        metrics.countPurged(tombstones: 40)
        let page = page(registry)
        for line in [
            #"hints_dropped_total{target_node="a",reason="limit"} 1"#,
            #"hints_dropped_total{target_node="a",reason="disk"} 2"#,
            #"hints_dropped_total{target_node="a",reason="queue"} 3"#,
            #"comparisons_total{target_node="a",result="equal"} 1"#,
            #"comparisons_total{target_node="a",result="repaired"} 2"#,
            #"comparisons_total{target_node="a",result="failed"} 3"#,
            #"keys_total{target_node="a",direction="pulled"} 1"#, #"keys_total{target_node="a",direction="pushed"} 2"#,
            #"keys_total{target_node="a",direction="dropped"} 3"#, #"hedgehog_read_repair_total{result="success"} 1"#,
            "hedgehog_tombstones_purged_total 40",
        ] { #expect(page.contains(line + "\n"), "\(line)") }
    }

    @Test("Names and labels that dashboards elsewhere read stay as they are", arguments: [
        (MetricFamily.hintsPending, "hedgehog_replication_hinted_handoff_pending", ["target_node"]),
        (MetricFamily.hintReplays, "hedgehog_replication_hint_replay_total", ["target_node", "result"]),
        (MetricFamily.hintReplayOps, "hedgehog_replication_hint_replay_ops_total", ["target_node", "op"]),
    ])
    func contract(family: MetricFamily, name: String, labels: [String]) {
        #expect(family.name == name && family.labels == labels)
    }
}
