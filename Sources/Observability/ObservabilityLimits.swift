/// The limits of this module.
package enum ObservabilityLimits {
    /// Default number of values of the `table` label; tables beyond it share `__other__`.
    package static let tables = 100
    /// Upper bound of the configured number of tables: each has about a hundred series, and a page must stay readable.
    package static let maximumTables = 1_000
    /// Metrics pages that are rendered at the same time.
    package static let scrapesInFlight = 4
    /// Further metrics pages that wait for those. More are refused.
    package static let waitingScrapes = 64
    /// A page below this size is not compressed.
    package static let uncompressedPageBytes = 1_024
    /// How long the series of a dropped table stay on the page, so that the next scrape reads their last values.
    package static let retiredTableNanoseconds: UInt64 = 60_000_000_000
    /// A timer that runs later than this counts as a stall of the event loop.
    package static let stallNanoseconds: UInt64 = 50_000_000
    /// Samples encoded in one slice of a page: about 120 KB, and a tenth of a millisecond of the loop.
    package static let samplesPerSlice = 1024
    /// An exemplar is not replaced within this time, because no scrape reads the page more often.
    static let exemplarMilliseconds: UInt64 = 1_000

    package static let requestIDBytes = 128
    package static let tracestateBytes = 512
    package static let tracestateMembers = 32

    /// New traces per second while the export queue is 75 % full: enough for `hedgehogctl trace` without a collector.
    package static let exportQueueFullTracesPerSecond = 100
    /// Upper bound of the bytes in the export queue. Usually its number of spans is reached first.
    package static let spanQueueBytes = 16 << 20
    /// The buffer of a sent batch is reused for a later batch unless it is larger than this.
    static let reusedBatchBytes = 1 << 20
    /// Spans that `hedgehogctl trace` can find.
    package static let recentSpans = 8192
    static let recentSpansPerSecond = 2048
    package static let recentSpanBytes = 16 << 20

    /// Bytes of a request target or a user agent that are written to the log.
    package static let logTargetBytes = 512
    package static let logUserAgentBytes = 256
    /// Bytes of any other text that are written to the log, such as a message.
    package static let logTextBytes = 1024
    package static let logFields = 32

    /// Bytes of an item key in a span.
    package static let spanKeyBytes = 128
}

extension ObservabilityLimits {
    /// The numbers that a registry has memory for: all operations, methods and statuses of that many tables and of
    /// requests without a table, and as much again for all other series. Unused memory is only address space.
    static func metricSlots(tables: Int) -> Int {
        let combinations =
            RequestOperation.allCases.count * RequestMethod.allCases.count * StatusClass.allCases.count
        let slotsPerSeries = 1 + Histogram.slotCount(boundCount: MetricFamily.httpRequestDuration.bounds.count)
        return (tables + 2) * (combinations * slotsPerSeries + 16) + (1 << 18)
    }
}
