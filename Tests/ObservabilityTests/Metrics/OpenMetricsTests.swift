@testable import Observability
import Testing

@Suite struct OpenMetricsTests {
    private func openMetrics(_ registry: MetricRegistry) -> String {
        String(decoding: registry.render(as: .openMetrics), as: UTF8.self)
    }

    @Test("An empty page has only the line # EOF")
    func empty() {
        #expect(openMetrics(MetricRegistry()) == "# EOF\n")
    }

    @Test("A family has type, unit and help in this order, and the family name of a counter has no _total")
    func transcript() {
        let registry = MetricRegistry()
        registry.increment(registry.counter(.logLinesDropped), by: 3)
        registry.increment(registry.counter(.eventLoopIdle), by: 1_500_000_000)
        registry.set(registry.gauge(.diskFreeBytes), to: 7)
        #expect(openMetrics(registry) == """
            # TYPE hedgehog_event_loop_idle_seconds counter
            # UNIT hedgehog_event_loop_idle_seconds seconds
            # HELP hedgehog_event_loop_idle_seconds Time that the event loop slept because it was idle.
            hedgehog_event_loop_idle_seconds_total 1.5
            # TYPE hedgehog_disk_free_bytes gauge
            # UNIT hedgehog_disk_free_bytes bytes
            # HELP hedgehog_disk_free_bytes Free bytes on the file system of the data directory.
            hedgehog_disk_free_bytes 7
            # TYPE hedgehog_log_lines_dropped counter
            # HELP hedgehog_log_lines_dropped Log lines dropped because they could not be written, or not in time.
            hedgehog_log_lines_dropped_total 3
            # EOF

            """)
    }

    @Test("Quotes in a help text are escaped in OpenMetrics only")
    func help() {
        let registry = MetricRegistry()
        _ = registry.counter(.metricsSeriesLimited)
        #expect(openMetrics(registry).contains(#"share table=\"__other__\" because"#))
        #expect(page(registry).contains(#"share table="__other__" because"#))
    }

    @Test("Both formats have the same samples, including the bounds")
    func sameSamples() {
        let registry = MetricRegistry()
        let http = HTTPMetrics(registry: registry)
        http.record(request(.putItem, status: 200, nanoseconds: 1_000_000_000), table: http.table("users"))
        registry.observe { $0.gauge(.storageItems, "users", value: 1) }
        func samples(_ page: String) -> [Substring] { page.split(separator: "\n").filter { !$0.hasPrefix("#") } }
        #expect(samples(openMetrics(registry)) == samples(page(registry)))
        #expect(openMetrics(registry).contains(#",le="1.0"} "#))
    }

    @Test("No sample of a family has the name of another family or of its samples")
    func collisions() {
        var owners: [String: String] = [:]
        for family in MetricFamily.catalogue {
            let name = OpenMetricsFormat.familyName(family)
            let suffixes = switch family.kind {
            case .counter: ["", "_total", "_created"]
            case .gauge: [""]
            case .histogram: ["", "_bucket", "_sum", "_count", "_created"]
            }
            for suffix in suffixes {
                let other = owners.updateValue(family.name, forKey: name + suffix)
                #expect(other == nil, "\(name + suffix) belongs to both")
            }
        }
    }

    @Test("A page rendered in slices of any size is the same page", arguments: [1, 7, 100])
    func slices(size: Int) {
        let registry = MetricRegistry()
        _ = HTTPMetrics(registry: registry)
        var exposition = registry.exposition(as: .openMetrics)
        var sliced: [UInt8] = []
        while exposition.renderNext(maximumSamples: size, into: &sliced) {}
        #expect(sliced == registry.render(as: .openMetrics))
    }
}
