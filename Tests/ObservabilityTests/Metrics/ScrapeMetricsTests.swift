import Observability
import Testing

@Suite struct ScrapeMetricsTests {
    private let registry = MetricRegistry()

    @Test("Only the allowed number of pages is rendered at once; further pages wait, and too many are refused")
    func limit() {
        let scrapes = ScrapeMetrics(registry: registry)
        #expect((0..<4).allSatisfy { _ in scrapes.admit() == .begin })
        #expect((0..<64).allSatisfy { _ in scrapes.admit() == .wait })
        #expect(scrapes.admit() == .refuse)
        #expect(page(registry).contains("hedgehog_metrics_scrapes_in_flight 68\n"))
        #expect(page(registry).contains(#"hedgehog_metrics_scrapes_total{code="503"} 1"#))
        #expect((0..<64).allSatisfy { _ in scrapes.end(.page, nanoseconds: 200_000) })
        #expect(scrapes.admit() == .wait)
        #expect(scrapes.end(nil, nanoseconds: 0))
        #expect((0..<4).allSatisfy { _ in !scrapes.end(nil, nanoseconds: 0) })
        #expect(scrapes.admit() == .begin)
        #expect(page(registry).contains("hedgehog_metrics_scrapes_in_flight 1\n"))
        #expect(page(registry).contains(#"hedgehog_metrics_scrapes_total{code="200"} 64"#))
        #expect(page(registry).contains(#"hedgehog_metrics_render_seconds_bucket{le="0.00025"} 64"#))
    }

    @Test("A page whose connection was closed is not counted but frees its slot")
    func abandoned() {
        let scrapes = ScrapeMetrics(registry: registry)
        #expect(scrapes.admit() == .begin)
        #expect(!scrapes.end(nil, nanoseconds: 5))
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
