/// Measures the delays and the idle time of the event loop. Loop-bound.
package final class EventLoopMetrics {
    private let registry: MetricRegistry
    private let lag: Histogram
    private let stalls: Counter
    private let iteration: Histogram
    private let idle: Counter

    package init(registry: MetricRegistry) {
        self.registry = registry
        lag = registry.histogram(.eventLoopLag)
        stalls = registry.counter(.eventLoopStalls)
        iteration = registry.histogram(.eventLoopIteration)
        idle = registry.counter(.eventLoopIdle)
    }

    /// Records how late a timer ran.
    package func record(lagNanoseconds: UInt64) {
        registry.record(lagNanoseconds, in: lag)
        if lagNanoseconds > ObservabilityLimits.stallNanoseconds { registry.increment(stalls) }
    }

    /// Records one loop iteration: the time it ran callbacks, and the time it slept.
    package func recordIteration(busyNanoseconds: UInt64, idleNanoseconds: UInt64) {
        registry.record(busyNanoseconds, in: iteration)
        registry.increment(idle, by: idleNanoseconds)
    }
}
