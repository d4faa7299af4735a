/// Measures how late the event loop runs timers, how long its iterations take and how long it is idle. Only the event
/// loop may use it.
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

    /// Records by how many nanoseconds the event loop ran a timer late.
    package func record(lagNanoseconds: UInt64) {
        registry.record(lagNanoseconds, in: lag)
        if lagNanoseconds > ObservabilityLimits.stallNanoseconds { registry.increment(stalls) }
    }

    /// Records one event loop iteration: how long it ran callbacks, and how long it slept.
    package func recordIteration(busyNanoseconds: UInt64, idleNanoseconds: UInt64) {
        registry.record(busyNanoseconds, in: iteration)
        registry.increment(idle, by: idleNanoseconds)
    }
}
