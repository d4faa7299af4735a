@testable import Cluster
import Observability
import Testing

@testable import HedgehogNode

@Suite struct ReplicationMetricsTests {
    private let registry = MetricRegistry()

    @Test("A member has every send series at 0 before the first write")
    func memberStartsAtZero() {
        _ = ReplicationMetrics(registry: registry).member("node-2")
        let expected = ["put", "delete"].flatMap { op in
            ["success", "failure", "node_down"].map {
                #"hedgehog_replication_send_total{op="\#(op)",target_node="node-2",result="\#($0)"} 0"#
            }
        }
        #expect(metricLines(registry, with: "hedgehog_replication_send_total{") == expected)
    }

    @Test("A sent operation counts once, with its member and its result", arguments: [
        (false, .success, #"op="put",target_node="b",result="success""#),
        (false, .nodeDown, #"op="put",target_node="b",result="node_down""#),
        (true, .failure, #"op="delete",target_node="b",result="failure""#),
    ] as [(Bool, SendResult, String)])
    func sends(isDelete: Bool, result: SendResult, labels: String) {
        let metrics = ReplicationMetrics(registry: registry)
        let (_, second) = (metrics.member("a"), metrics.member("b"))
        second.countSent(isDelete: isDelete, result, nanoseconds: result == .nodeDown ? nil : 2_000_000)
        let counted = metricLines(registry, with: "hedgehog_replication_send_total{").filter { !$0.hasSuffix(" 0") }
        #expect(counted == ["hedgehog_replication_send_total{\(labels)} 1"])
        let timed = metricLines(registry, with: "hedgehog_replication_send_duration_seconds_count").filter {
            !$0.hasSuffix(" 0")
        }
        #expect(timed == (result == .nodeDown ? [] : [
            #"hedgehog_replication_send_duration_seconds_count{op="\#(isDelete ? "delete" : "put")",target_node="b"} 1"#
        ]))
    }

    @Test("Received operations have a counter and a histogram with equal labels and the buckets of HTTP requests")
    func received() {
        let metrics = ReplicationMetrics(registry: registry)
        metrics.countReceived(.get, success: true, nanoseconds: 2_000_000)
        metrics.countReceived(.delete, success: false, nanoseconds: 30_000_000)
        let page = metricPage(registry)
        #expect(page.contains(#"hedgehog_replication_received_total{op="get",result="success"} 1"#))
        #expect(page.contains(#"hedgehog_replication_received_total{op="delete",result="failure"} 1"#))
        #expect(page.contains(#"hedgehog_replication_received_total{op="put",result="failure"} 0"#))
        let bucket = "hedgehog_replication_received_duration_seconds_bucket{op="
        #expect(page.contains(bucket + #""get",result="success",le="0.001"} 0"#))
        #expect(page.contains(bucket + #""get",result="success",le="0.005"} 1"#))
        #expect(MetricFamily.replicationReceivedDuration.kind == MetricFamily.httpRequestDuration.kind)
    }

    @Test("Each operation, consistency and result of the coordinator has its own series")
    func coordinator() {
        let metrics = CoordinatorMetrics(registry: registry)
        for operation in ReceivedOperation.Kind.allCases {
            for consistency in Consistency.allCases {
                for outcome in CoordinatorMetrics.Outcome.allCases {
                    metrics.countRequest(operation, consistency, outcome, nanoseconds: 60_000)
                }
            }
        }
        let counted = metricLines(registry, with: "hedgehog_coordinator_requests_total{")
        #expect(counted.count == 24 && counted.allSatisfy { $0.hasSuffix(" 1") })
        metrics.countRequest(.put, .strong, .quorumFailed, nanoseconds: 2_000_000_000)
        #expect(metricPage(registry).contains(
            #"hedgehog_coordinator_requests_total{op="put",consistency="strong",result="quorum_failed"} 2"#))
    }

    @Test("Durations are recorded by operation and consistency, and those of remote reads by member")
    func durations() {
        let metrics = CoordinatorMetrics(registry: registry)
        metrics.countRequest(.get, .strong, .ok, nanoseconds: 60_000)
        let member = metrics.member("b")
        member.count(success: true, nanoseconds: 300_000)
        member.count(success: false, nanoseconds: 2_000_000_000)
        let name = "hedgehog_coordinator_request_duration_seconds_bucket{op="
        #expect(metricPage(registry).contains(name + #""get",consistency="strong",le="0.0001"} 1"#))
        #expect(metricPage(registry).contains(name + #""get",consistency="eventual",le="+Inf"} 0"#))
        #expect(metricLines(registry, with: "hedgehog_coordinator_remote_reads_total").map { $0.suffix(2) }
            == [" 1", " 1"])
        #expect(metricPage(registry).contains(
            #"hedgehog_coordinator_remote_read_duration_seconds_bucket{target_node="b",le="0.0005"} 1"#))
    }

    @Test("Operations between members have exemplars on both ends")
    func exemplars() throws {
        let metrics = ReplicationMetrics(registry: registry)
        let exemplar = Exemplar(
            traceID: try #require(TraceID(high: 1, low: 2)), spanID: try #require(SpanID(rawValue: 3)),
            wallMilliseconds: 1)
        metrics.countReceived(.put, success: true, nanoseconds: 3_000_000, exemplar: exemplar)
        metrics.member("b").countSent(isDelete: false, .success, nanoseconds: 4_000_000, exemplar: exemplar)
        let page = String(decoding: registry.render(as: .openMetrics), as: UTF8.self).split(separator: "\n")
        for family in ["received", "send"] {
            let prefix = "hedgehog_replication_\(family)_duration_seconds_bucket"
            #expect(page.count { $0.hasPrefix(prefix) && $0.contains("# {") } == 1)
        }
    }

    @Test("Names and labels that external dashboards read do not change", arguments: [
        (MetricFamily.replicationSend, "hedgehog_replication_send_total", ["op", "target_node", "result"]),
        (MetricFamily.replicationReceived, "hedgehog_replication_received_total", ["op", "result"]),
        (MetricFamily.replicationReceivedDuration, "hedgehog_replication_received_duration_seconds", ["op", "result"]),
    ])
    func contract(family: MetricFamily, name: String, labels: [String]) {
        #expect(family.name == name && family.labels == labels)
    }
}
