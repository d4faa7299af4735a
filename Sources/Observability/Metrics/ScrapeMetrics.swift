/// Counts the metrics pages themselves and limits how many are rendered at the same time. Loop-bound.
package final class ScrapeMetrics {
    /// The status code of the response to a scrape.
    package enum Answer: String, LabelValue {
        case page = "200"
        /// Too many pages were waiting, or this one was not complete within the timeout of the scraper.
        case unavailable = "503"
    }

    private let registry: MetricRegistry
    private let answers: LabelTable<Answer, Counter>
    private let inFlight: Gauge
    private let render: Histogram
    private var running = 0
    private var waiting = 0

    package init(registry: MetricRegistry) {
        self.registry = registry
        answers = LabelTable { registry.counter(.metricsScrapes, $0.rawValue) }
        inFlight = registry.gauge(.metricsScrapesInFlight)
        render = registry.histogram(.metricsRender)
        registry.seriesGauge = registry.gauge(.metricsSeries)
    }

    package enum Admission: Equatable {
        /// Render the page now.
        case begin
        /// Render the page when `end` has returned true for it. Pages wait in the order in which they were admitted.
        case wait
        /// Too many pages wait already. The refusal is counted.
        case refuse
    }

    /// Admits a page: it is rendered at once, or waits until fewer pages than allowed are being rendered.
    package func admit() -> Admission {
        guard running == ObservabilityLimits.scrapesInFlight else {
            running += 1
            registry.add(1, to: inFlight)
            return .begin
        }
        guard waiting < ObservabilityLimits.waitingScrapes else {
            registry.increment(answers[.unavailable])
            return .refuse
        }
        waiting += 1
        registry.add(1, to: inFlight)
        return .wait
    }

    /// Ends a page, once for each that has begun. `answer` is nil if the connection was closed before a response could
    /// be sent. Returns whether the page that waits longest must begin now.
    package func end(_ answer: Answer?, nanoseconds: UInt64) -> Bool {
        precondition(running > 0, "a metrics page ended twice")
        registry.add(-1, to: inFlight)
        if let answer {
            registry.increment(answers[answer])
            registry.record(nanoseconds, in: render)
        }
        guard waiting > 0 else {
            running -= 1
            return false
        }
        waiting -= 1
        return true
    }
}
