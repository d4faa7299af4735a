/// Every bound of this module, in one place.
package enum ObservabilityLimits {
    /// Distinct values of the `table` label; tables beyond them share `_other`.
    package static let tables = 100
    /// Numbers a registry holds: twice what all operations, methods and statuses of that many tables could ever need.
    /// Only address space until they are used.
    package static let metricSlots = 1 << 21
    /// How long the series of a dropped table stay, so that the last scrape still sees them.
    package static let retiredTableNanoseconds: UInt64 = 60_000_000_000
    /// A turn of the loop that takes longer counts as a stall.
    package static let stallNanoseconds: UInt64 = 50_000_000
    /// Samples one slice of an exposition encodes: about 120 KB of page and a tenth of a millisecond of the loop.
    package static let samplesPerSlice = 1024

    package static let requestIDBytes = 128
    package static let tracestateBytes = 512
    package static let tracestateMembers = 32

    /// Spans that wait for a collector, which may never come, are bounded by their number first; by this when they are
    /// uncommonly long.
    package static let spanQueueBytes = 16 << 20
    /// What `hedgehogctl trace` can look back on.
    package static let recentSpans = 8192
    package static let recentSpanBytes = 16 << 20

    /// Bytes of a request target or a user agent that reach the log.
    package static let logTargetBytes = 512
    package static let logUserAgentBytes = 256
    /// Bytes of any other text that reaches the log, a message included.
    package static let logTextBytes = 1024
    package static let logFields = 32

    /// Bytes of an item's key that a span shows.
    package static let spanKeyBytes = 128
}
