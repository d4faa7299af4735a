import Observability
import Testing

@Suite struct EventLoopMetricsTests {
    @Test("A timer that is more than 50 ms late is a stall; every delay is in the histogram")
    func stalls() {
        let registry = MetricRegistry()
        let loop = EventLoopMetrics(registry: registry)
        for lag in [0, 50_000, 50_000_000, 50_000_001] as [UInt64] { loop.record(lagNanoseconds: lag) }
        #expect(lines(registry, with: "hedgehog_event_loop_stalls_total", and: "")
            == ["hedgehog_event_loop_stalls_total 1"])
        #expect(page(registry).contains(#"hedgehog_event_loop_lag_seconds_bucket{le="0.00005"} 2"#))
        #expect(page(registry).contains(#"hedgehog_event_loop_lag_seconds_bucket{le="0.05"} 3"#))
        #expect(page(registry).contains("hedgehog_event_loop_lag_seconds_count 4\n"))
    }

    @Test("A loop iteration is recorded with its busy time, and its sleep is added up")
    func iterations() {
        let registry = MetricRegistry()
        let loop = EventLoopMetrics(registry: registry)
        loop.recordIteration(busyNanoseconds: 70_000, idleNanoseconds: 250_000_000)
        loop.recordIteration(busyNanoseconds: 40_000, idleNanoseconds: 1_000_000_000)
        #expect(page(registry).contains(#"hedgehog_event_loop_iteration_seconds_bucket{le="0.00005"} 1"#))
        #expect(page(registry).contains(#"hedgehog_event_loop_iteration_seconds_bucket{le="0.0001"} 2"#))
        #expect(page(registry).contains("hedgehog_event_loop_idle_seconds_total 1.25\n"))
    }
}
