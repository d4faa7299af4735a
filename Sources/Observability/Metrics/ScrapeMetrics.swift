/// Counts the requests for the metrics page and limits how many pages are rendered at the same time. Only the event
/// loop may use it.
package final class ScrapeMetrics {
    /// The status code of the response to a request for the metrics page.
    package enum Answer: String, LabelValue {
        case page = "200"
        /// There is no page in the response: too many metrics pages were waiting, or this one was not complete within
        /// the timeout of the scraper.
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
        /// The metrics page can be rendered now.
        case begin
        /// The metrics page must wait, and is rendered when `end` returns true for it. Waiting pages are rendered in
        /// the order in which they were admitted.
        case wait
        /// Too many metrics pages wait already: the request must be refused. `admit` has counted the refusal.
        case refuse
    }

    /// Admits a request for the metrics page: the page is rendered at once, or waits until fewer pages than the limit
    /// are being rendered, or is refused if too many wait.
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

    /// Must be called when a metrics page whose rendering has begun was sent or given up. `answer` is nil if the
    /// connection was closed before a response could be sent. Returns whether the page that has waited longest must be
    /// rendered now.
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
