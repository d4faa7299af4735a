import Observability
import Testing

@Suite struct OperationSeriesTests {
    private let registry = MetricRegistry()

    private func counted(_ family: String) -> [String] {
        lines(registry, with: family + "{", and: "").filter { !$0.hasSuffix(" 0") }.map {
            String($0.dropFirst(family.count))
        }
    }

    @Test("A response counts with its exact status code, and an invalid code counts as 500", arguments: [
        (200, "200"), (304, "304"), (404, "404"), (499, "499"), (503, "503"), (99, "500"), (600, "500"),
    ])
    func codes(code: Int, label: String) {
        let http = HTTPMetrics(registry: registry)
        http.record(request(.getItem, status: code), table: http.table("t"))
        #expect(counted("hedgehog_http_responses_total") == [#"{operation="get_item",code="\#(label)"} 1"#])
    }

    @Test("The usual status codes of each operation have series before the first response")
    func startsAtZero() {
        _ = HTTPMetrics(registry: registry)
        for operation in RequestOperation.allCases where !operation.isBetweenNodes {
            let codes = lines(registry, with: "hedgehog_http_responses_total{", and: "\"\(operation.rawValue)\"")
            #expect(codes.count >= 4 && codes.allSatisfy { $0.hasSuffix(" 0") })
            #expect(codes.contains { $0.contains("code=\"503\"") })
        }
    }

    @Test("Latency is recorded in fine buckets for all tables and methods")
    func latency() {
        let http = HTTPMetrics(registry: registry)
        http.record(request(.getItem, status: 200, nanoseconds: 60_000), table: http.table("a"))
        http.record(request(.getItem, .head, status: 404, nanoseconds: 60_000), table: http.global)
        let name = "hedgehog_http_request_latency_seconds_bucket{operation=\"get_item\",le="
        #expect(page(registry).contains(name + "\"0.00005\"} 0\n"))
        #expect(page(registry).contains(name + "\"0.0001\"} 2\n"))
    }

    @Test("Slow requests are counted by operation, rejected and shed requests by reason")
    func others() {
        let http = HTTPMetrics(registry: registry)
        http.countSlow(.scanItems)
        for reason in RejectionReason.allCases { http.countRejection(reason) }
        for reason in ShedReason.allCases { http.countShed(reason) }
        #expect(counted("hedgehog_slow_requests_total") == [#"{operation="scan_items"} 1"#])
        #expect(counted("hedgehog_http_rejections_total") == [
            "malformed", "too_large", "length_required", "unsupported", "timed_out", "overloaded", "crowded",
        ].map { "{reason=\"\($0)\"} 1" })
        #expect(counted("hedgehog_requests_shed_total") == ["queue_full", "crowded", "draining", "workers"].map {
            "{reason=\"\($0)\"} 1"
        })
    }
}
