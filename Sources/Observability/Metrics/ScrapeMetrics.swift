/// Counts the metrics pages themselves and limits how many are rendered at the same time. Loop-bound.
package final class ScrapeMetrics {
    /// The status code of the response to a scrape.
    package enum Answer: String, LabelValue {
        case page = "200"
        /// Too many pages were being rendered, or this one was not complete within the timeout of the scraper.
        case unavailable = "503"
    }

    private let registry: MetricRegistry
    private let answers: LabelTable<Answer, Counter>
    private let inFlight: Gauge
    private let render: Histogram
    private var running = 0

    package init(registry: MetricRegistry) {
        self.registry = registry
        answers = LabelTable { registry.counter(.metricsScrapes, $0.rawValue) }
        inFlight = registry.gauge(.metricsScrapesInFlight)
        render = registry.histogram(.metricsRender)
        registry.seriesGauge = registry.gauge(.metricsSeries)
    }

    /// Starts a page. Returns false, and counts a refusal, if as many pages as allowed are being rendered.
    package func begin() -> Bool {
        guard running < ObservabilityLimits.scrapesInFlight else {
            registry.increment(answers[.unavailable])
            return false
        }
        running += 1
        registry.add(1, to: inFlight)
        return true
    }

    /// Ends a page. Call it once for each `begin` that returned true. `answer` is nil if the connection was closed
    /// before a response could be sent.
    package func end(_ answer: Answer?, nanoseconds: UInt64) {
        precondition(running > 0, "a metrics page ended twice")
        running -= 1
        registry.add(-1, to: inFlight)
        guard let answer else { return }
        registry.increment(answers[answer])
        registry.record(nanoseconds, in: render)
    }
}
