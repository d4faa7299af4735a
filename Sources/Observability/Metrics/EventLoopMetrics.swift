/// How punctual the loop is. Loop-bound.
package final class EventLoopMetrics {
    private let registry: MetricRegistry
    private let lag: Histogram
    private let stalls: Counter

    package init(registry: MetricRegistry) {
        self.registry = registry
        lag = registry.histogram(.eventLoopLag)
        stalls = registry.counter(.eventLoopStalls)
    }

    /// How late a timer ran.
    package func record(lagNanoseconds: UInt64) {
        registry.record(lagNanoseconds, in: lag)
        if lagNanoseconds > ObservabilityLimits.stallNanoseconds { registry.increment(stalls) }
    }
}
