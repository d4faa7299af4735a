
package enum ObservabilityLimits {
    /// The default number of tables that have their own value of the `table` label; all others share `__other__`.
    package static let tables = 100
    /// Upper bound of the configured number of tables with their own label value. Each has at least 150 lines on the
    /// metrics page, which must stay readable.
    package static let maximumTables = 1_000
    /// The maximum number of metrics pages that are rendered at the same time.
    package static let scrapesInFlight = 4
    /// The maximum number of further metrics pages that wait to be rendered. More are refused.
    package static let waitingScrapes = 64
    /// A metrics page of fewer bytes than this is not compressed.
    package static let uncompressedPageBytes = 1_024
    /// The time for which the series of a dropped table stay on the metrics page, so that the next scrape reads their
    /// last values.
    package static let retiredTableNanoseconds: UInt64 = 60_000_000_000
    /// A timer that the event loop runs later than this counts as a stall of the loop.
    package static let stallNanoseconds: UInt64 = 50_000_000
    /// The number of samples that the event loop encodes in one slice of a metrics page: about 120 KB, in a tenth of a
    /// millisecond.
    package static let samplesPerSlice = 1024
    /// The minimum age of an exemplar before it is replaced. No scrape reads the metrics page more often.
    static let exemplarMilliseconds: UInt64 = 1_000

    package static let requestIDBytes = 128
    package static let tracestateBytes = 512
    package static let tracestateMembers = 32

    /// The maximum number of new traces in a second while the export queue is 75 % full. It is enough for `hedgehogctl
    /// trace`, which works without a collector.
    package static let exportQueueFullTracesPerSecond = 100
    /// Upper bound of the bytes in the export queue. Usually the queue reaches its maximum number of spans first.
    package static let spanQueueBytes = 16 << 20
    /// The buffer of an exported batch of spans is reused for a later batch unless it is larger than this.
    static let reusedBatchBytes = 1 << 20
    /// The maximum number of ended spans that a node stores for `hedgehogctl trace`.
    package static let recentSpans = 8192
    static let recentSpansPerSecond = 2048
    package static let recentSpanBytes = 16 << 20

    /// The maximum number of bytes of a request target and of a user agent in a log line. Longer text is cut.
    package static let logTargetBytes = 512
    package static let logUserAgentBytes = 256
    /// The maximum number of bytes of any other text in a log line, such as a message. Longer text is cut.
    package static let logTextBytes = 1024
    package static let logFields = 32

    /// The maximum number of bytes of an item key that a span contains. A longer key is cut.
    package static let spanKeyBytes = 128
}

extension ObservabilityLimits {
    /// The number of slots of eight bytes for which a registry reserves memory: all combinations of operation, method
    /// and status class for each value of the `table` label (`__other__` and the empty value included), and 262,144
    /// slots for all other series. Unused memory is only address space.
    static func metricSlots(tables: Int) -> Int {
        let combinations =
            RequestOperation.allCases.count * RequestMethod.allCases.count * StatusClass.allCases.count
        let slotsPerSeries = 1 + Histogram.slotCount(boundCount: MetricFamily.httpRequestDuration.bounds.count)
        return (tables + 2) * (combinations * slotsPerSeries + 16) + (1 << 18)
    }
}
