/// Every bound of this module, in one place.
package enum ObservabilityLimits {
    /// Distinct values of the `table` label unless told otherwise; tables beyond them share `__other__`.
    package static let tables = 100
    /// The most that may be asked for: each has a hundred series or so, and a page must stay readable.
    package static let maximumTables = 1_000
    /// Pages of metrics made at the same time.
    package static let scrapesInFlight = 4
    /// A page below this size is not worth packing.
    package static let unpackedPageBytes = 1_024
    /// How long the series of a dropped table stay, so that the last scrape still sees them.
    package static let retiredTableNanoseconds: UInt64 = 60_000_000_000
    /// A turn of the loop that takes longer counts as a stall.
    package static let stallNanoseconds: UInt64 = 50_000_000
    /// Samples one slice of an exposition encodes: about 120 KB of page and a tenth of a millisecond of the loop.
    package static let samplesPerSlice = 1024

    package static let requestIDBytes = 128
    package static let tracestateBytes = 512
    package static let tracestateMembers = 32

    /// New traces a second, whatever else is allowed, while spans find no room on their way to the collector: enough
    /// for `hedgehogctl trace` where there is none.
    package static let crowdedTracesPerSecond = 100
    /// Spans that wait for a collector, which may never come, are bounded by their number first; by this when they are
    /// uncommonly long.
    package static let spanQueueBytes = 16 << 20
    /// Of a batch that was sent, for the next one.
    static let keptBatchBytes = 1 << 20
    /// What `hedgehogctl trace` can look back on.
    package static let recentSpans = 8192
    static let recentSpansPerSecond = 2048
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

extension ObservabilityLimits {
    /// Numbers a registry holds: more than all operations, methods and statuses of that many tables, and of those that
    /// concern none, could ever need, and as much again for all other series. Only address space until they are used.
    static func metricSlots(tables: Int) -> Int {
        let combinations =
            RequestOperation.allCases.count * RequestMethod.allCases.count * StatusClass.allCases.count
        let slotsPerSeries = 1 + Histogram.slotCount(boundCount: MetricFamily.httpRequestDuration.bounds.count)
        return (tables + 2) * (combinations * slotsPerSeries + 16) + (1 << 18)
    }
}
