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
        second.countSent(isDelete: isDelete, result)
        let counted = lines(registry, with: "hedgehog_replication_send_total{", and: "").filter { !$0.hasSuffix(" 0") }
        #expect(counted == ["hedgehog_replication_send_total{\(labels)} 1"])
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
                    metrics.countRequest(operation, isStrong: isStrong, result)
                }
            }
        }
        let counted = lines(registry, with: "hedgehog_coordinator_requests_total{", and: "")
        #expect(counted.count == 24 && counted.allSatisfy { $0.hasSuffix(" 1") })
        metrics.countRequest(.put, isStrong: true, .quorumFailed)
        #expect(page(registry).contains(
            #"hedgehog_coordinator_requests_total{op="put",consistency="strong",result="quorum_failed"} 2"#))
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
