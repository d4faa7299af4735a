import Observability
import Testing

@Suite struct ScrapeMetricsTests {
    private let registry = MetricRegistry()

    @Test("Only the allowed number of pages is rendered at once; further pages are refused until one ends")
    func limit() {
        let scrapes = ScrapeMetrics(registry: registry)
        #expect((0..<5).map { _ in scrapes.begin() } == [true, true, true, true, false])
        #expect(page(registry).contains("hedgehog_metrics_scrapes_in_flight 4\n"))
        #expect(page(registry).contains(#"hedgehog_metrics_scrapes_total{code="503"} 1"#))
        scrapes.end(.page, nanoseconds: 200_000)
        #expect(scrapes.begin())
        #expect(page(registry).contains(#"hedgehog_metrics_scrapes_total{code="200"} 1"#))
        #expect(page(registry).contains(#"hedgehog_metrics_render_seconds_bucket{le="0.00025"} 1"#))
    }

    @Test("A page whose connection was closed is not counted but frees its slot")
    func abandoned() {
        let scrapes = ScrapeMetrics(registry: registry)
        #expect(scrapes.begin())
        scrapes.end(nil, nanoseconds: 5)
        #expect(page(registry).contains("hedgehog_metrics_scrapes_in_flight 0\n"))
        #expect(lines(registry, with: "hedgehog_metrics_scrapes_total", and: "").allSatisfy { $0.hasSuffix(" 0") })
        #expect(page(registry).contains("hedgehog_metrics_render_seconds_count 0\n"))
    }

    @Test("The page has the number of its own samples")
    func series() {
        _ = ScrapeMetrics(registry: registry)
        let http = HTTPMetrics(registry: registry)
        _ = http.table("users")
        registry.observe { samples in
            samples.gauge(.storageItems, "a", value: 1)
            samples.gauge(.storageItems, "b", value: 1)
        }
        let count = page(registry).split(separator: "\n").count { !$0.hasPrefix("#") }
        #expect(page(registry).contains("\nhedgehog_metrics_series \(count)\n"))
    }
}
