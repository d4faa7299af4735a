@testable import Observability
import Testing

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
        #expect(lines(registry, with: "hedgehog_replication_send_total{", and: "") == expected)
    }

    @Test("An operation is counted once, for its member and with its result", arguments: [
        (false, .success, #"op="put",target_node="b",result="success""#),
        (false, .nodeDown, #"op="put",target_node="b",result="node_down""#),
        (true, .failure, #"op="delete",target_node="b",result="failure""#),
    ] as [(Bool, SendFate, String)])
    func sends(isDelete: Bool, result: SendFate, labels: String) {
        let metrics = ReplicationMetrics(registry: registry)
        let (_, second) = (metrics.member("a"), metrics.member("b"))
        second.countSent(isDelete: isDelete, result, nanoseconds: result == .nodeDown ? nil : 2_000_000)
        let counted = lines(registry, with: "hedgehog_replication_send_total{", and: "").filter { !$0.hasSuffix(" 0") }
        #expect(counted == ["hedgehog_replication_send_total{\(labels)} 1"])
        let timed = lines(registry, with: "hedgehog_replication_send_duration_seconds_count", and: "").filter {
            !$0.hasSuffix(" 0")
        }
        #expect(timed == (result == .nodeDown ? [] : [
            #"hedgehog_replication_send_duration_seconds_count{op="\#(isDelete ? "delete" : "put")",target_node="b"} 1"#
        ]))
    }

    @Test("What is received is counted and timed under the same labels, in the buckets of HTTP requests")
    func received() {
        let metrics = ReplicationMetrics(registry: registry)
        metrics.countReceived(.get, success: true, nanoseconds: 2_000_000)
        metrics.countReceived(.delete, success: false, nanoseconds: 30_000_000)
        let page = page(registry)
        #expect(page.contains(#"hedgehog_replication_received_total{op="get",result="success"} 1"#))
        #expect(page.contains(#"hedgehog_replication_received_total{op="delete",result="failure"} 1"#))
        #expect(page.contains(#"hedgehog_replication_received_total{op="put",result="failure"} 0"#))
        let bucket = "hedgehog_replication_received_duration_seconds_bucket{op="
        #expect(page.contains(bucket + #""get",result="success",le="0.001"} 0"#))
        #expect(page.contains(bucket + #""get",result="success",le="0.005"} 1"#))
        #expect(MetricFamily.replicationReceivedDuration.bounds == MetricFamily.httpRequestDuration.bounds)
    }

    @Test("Each operation, consistency and result of the coordinator has a series of its own")
    func coordinator() {
        let metrics = CoordinatorMetrics(registry: registry)
        for operation in ReplicatedOperation.allCases {
            for isStrong in [false, true] {
                for result in CoordinatorResult.allCases {
                    metrics.countRequest(operation, isStrong: isStrong, result, nanoseconds: 60_000)
                }
            }
        }
        let counted = lines(registry, with: "hedgehog_coordinator_requests_total{", and: "")
        #expect(counted.count == 24 && counted.allSatisfy { $0.hasSuffix(" 1") })
        metrics.countRequest(.put, isStrong: true, .quorumFailed, nanoseconds: 2_000_000_000)
        #expect(page(registry).contains(
            #"hedgehog_coordinator_requests_total{op="put",consistency="strong",result="quorum_failed"} 2"#))
    }

    @Test("An operation's time counts by operation and consistency, a remote read's by member")
    func durations() {
        let metrics = CoordinatorMetrics(registry: registry)
        metrics.countRequest(.get, isStrong: true, .ok, nanoseconds: 60_000)
        let member = metrics.member("b")
        member.count(success: true, nanoseconds: 300_000)
        member.count(success: false, nanoseconds: 2_000_000_000)
        let name = "hedgehog_coordinator_request_duration_seconds_bucket{op="
        #expect(page(registry).contains(name + #""get",consistency="strong",le="0.0001"} 1"#))
        #expect(page(registry).contains(name + #""get",consistency="eventual",le="+Inf"} 0"#))
        #expect(lines(registry, with: "hedgehog_coordinator_remote_reads_total", and: "").map { $0.suffix(2) }
            == [" 1", " 1"])
        #expect(page(registry).contains(
            #"hedgehog_coordinator_remote_read_duration_seconds_bucket{target_node="b",le="0.0005"} 1"#))
    }

    @Test("Names and labels that dashboards elsewhere read stay as they are", arguments: [
        (MetricFamily.replicationSend, "hedgehog_replication_send_total", ["op", "target_node", "result"]),
        (MetricFamily.replicationReceived, "hedgehog_replication_received_total", ["op", "result"]),
        (MetricFamily.replicationReceivedDuration, "hedgehog_replication_received_duration_seconds", ["op", "result"]),
    ])
    func contract(family: MetricFamily, name: String, labels: [String]) {
        #expect(family.name == name && family.labels == labels)
    }
}
