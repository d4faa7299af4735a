/// What is counted of the pages of metrics themselves, and how many may be under way. Loop-bound.
package final class ScrapeMetrics {
    package enum Answer: Int, CaseIterable, Sendable {
        case page
        /// Too many at once, or not done in the time that the reader gives it.
        case unavailable

        var code: String {
            switch self {
            case .page: "200"
            case .unavailable: "503"
            }
        }
    }

    private let registry: MetricRegistry
    private let answers: [Counter]
    private let inFlight: Gauge
    private let render: Histogram
    private var running = 0

    package init(registry: MetricRegistry) {
        self.registry = registry
        answers = Answer.allCases.map { registry.counter(.metricsScrapes, $0.code) }
        inFlight = registry.gauge(.metricsScrapesInFlight)
        render = registry.histogram(.metricsRender)
        registry.seriesGauge = registry.gauge(.metricsSeries)
    }

    /// False: as many as may be are being made, and this one is refused.
    package func begin() -> Bool {
        guard running < ObservabilityLimits.scrapesInFlight else {
            registry.increment(answers[Answer.unavailable.rawValue])
            return false
        }
        running += 1
        registry.add(1, to: inFlight)
        return true
    }

    /// Once for each that began; nil when nobody was left to be answered.
    package func end(_ answer: Answer?, nanoseconds: UInt64) {
        precondition(running > 0, "a page of metrics ended twice")
        running -= 1
        registry.add(-1, to: inFlight)
        guard let answer else { return }
        registry.increment(answers[answer.rawValue])
        registry.record(nanoseconds, in: render)
    }
}
