@testable import Observability
import Testing

@Suite struct ExemplarTests {
    private let registry = MetricRegistry()
    private let duration = "hedgehog_http_request_duration_seconds_bucket"

    private func exemplar(_ number: UInt64, at wallMilliseconds: UInt64 = 1_795_529_106_007) throws -> Exemplar {
        Exemplar(
            traceID: try #require(TraceID(high: 0xab, low: number)), spanID: try #require(SpanID(rawValue: number)),
            wallMilliseconds: wallMilliseconds)
    }

    private func openMetrics(_ prefix: String) -> [String] {
        String(decoding: registry.render(as: .openMetrics), as: UTF8.self).split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix(prefix) && $0.contains("# {") }
    }

    @Test("A bucket has the exemplar of its request, with the duration and the time")
    func bucket() throws {
        let http = HTTPMetrics(registry: registry)
        http.record(
            request(.getItem, status: 200, nanoseconds: 2_500_000), table: http.global, exemplar: try exemplar(7))
        #expect(openMetrics("hedgehog_") == [
            duration + #"{method="GET",operation="get_item",status="2xx",table="",le="0.005"} 1"#
                + ##" # {trace_id="00000000000000ab0000000000000007",span_id="0000000000000007"} "##
                + "0.0025 1795529106.007",
        ])
    }

    @Test("The text format has no exemplars")
    func text() throws {
        let http = HTTPMetrics(registry: registry)
        http.record(request(.getItem, status: 503), table: http.global, exemplar: try exemplar(7))
        #expect(!page(registry).contains("trace_id"))
    }

    @Test("The counter of requests has an exemplar for server errors only", arguments: [
        (200, 0), (404, 0), (499, 0), (500, 1), (503, 1),
    ])
    func counter(status: Int, count: Int) throws {
        let http = HTTPMetrics(registry: registry)
        http.record(request(.putItem, .put, status: status), table: http.global, exemplar: try exemplar(7))
        #expect(openMetrics("hedgehog_http_requests_total").count == count)
        #expect(openMetrics("hedgehog_").count == 1 + count)
    }

    @Test("The newest exemplar is kept, but none is replaced within a second", arguments: [
        (0, 999, 1), (0, 1_000, 2), (0, 5_000, 2),
        // The wall clock was set back between the two exemplars, so the newer exemplar has the earlier time.
        (9_000, 0, 2),
    ] as [(UInt64, UInt64, UInt64)])
    func newest(first: UInt64, second: UInt64, kept: UInt64) throws {
        let http = HTTPMetrics(registry: registry)
        for (number, moment) in [(1, first), (2, second)] as [(UInt64, UInt64)] {
            http.record(request(.health, status: 200), table: http.global, exemplar: try exemplar(number, at: moment))
        }
        #expect(openMetrics(duration).map { $0.contains("span_id=\"000000000000000\(kept)\"") } == [true])
    }

    @Test("A request that is not recorded does not change the exemplar of its bucket and needs no memory")
    func unrecorded() throws {
        let http = HTTPMetrics(registry: registry)
        http.record(request(.health, status: 200), table: http.global)
        #expect(registry.exemplarCount == 0)
        http.record(request(.health, status: 200), table: http.global, exemplar: try exemplar(1))
        http.record(request(.health, status: 200), table: http.global)
        #expect(registry.exemplarCount == 1)
    }

    @Test("A bucket has at most one exemplar, and the exemplars of a table are removed with its series")
    func bound() throws {
        let http = HTTPMetrics(registry: registry)
        let users = http.table("users")
        for number in 1...2_000 as ClosedRange<UInt64> {
            http.record(
                request(.getItem, status: 200, nanoseconds: number * 10_000_000), table: users,
                exemplar: try exemplar(number, at: number * 2_000))
        }
        // The requests took 10 ms to 20 s, so each latency bucket from 0.01 s on has an exemplar.
        #expect(registry.exemplarCount == 11)
        http.retire(users, nowNanoseconds: 0)
        http.removeRetired(nowNanoseconds: 60_000_000_000)
        #expect(registry.exemplarCount == 0)
    }
}
