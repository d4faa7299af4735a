/// What is recorded of requests, and where it goes: OpenTelemetry's environment variables, and a few of our own, read.
package struct TracingSettings: Equatable, Sendable {
    package enum Destination: Equatable, Sendable {
        case collector(Collector)
        /// Standard output, as lines of OTLP's JSON.
        case console
        /// The sentence says who wants it so.
        case nowhere(String)
    }

    package struct Collector: Equatable, Sendable {
        package enum Encoding: Equatable, Sendable {
            case protobuf
            case json
        }

        /// Whole, path included.
        package var url: String
        package var encoding = Encoding.protobuf
        /// Whole lines. They may hold secrets.
        package var headerLines: [String] = []
        /// For one try.
        package var timeoutMilliseconds = 10_000
        package var usesGzip = false
        /// Paths of PEM files; nil: the system's authorities, and no certificate of ours.
        package var authorityFile: String?
        package var certificateFile: String?
        package var keyFile: String?

        package init(url: String) { self.url = url }
    }

    package struct Batching: Equatable, Sendable {
        /// How long a span waits for others.
        package var delayMilliseconds = 5_000
        /// For all tries to send one batch.
        package var exportTimeoutMilliseconds = 30_000
        package var queueSize = 2_048
        package var batchSize = 512

        package init() {}
    }

    package enum SpanNames: String, CaseIterable, Sendable {
        /// `http.request`, as this project's dashboards know it.
        case seed
        /// `GET /api/v1/...`, as OpenTelemetry's semantic conventions have it.
        case semconv
    }

    package var serviceName = "hedgehogdb"
    /// Nothing is recorded, whatever peers have decided.
    package var isDisabled = false
    package var resourceAttributes: [SpanAttribute] = []
    package var sampler = Sampler.standard
    /// Whether `traceparent` and `tracestate` of a caller are looked at.
    package var readsTraceContext = true
    /// New traces recorded a second, 0 for no limit.
    package var maximumTracesPerSecond = 100
    package var limits = SpanLimits()
    package var destination = Destination.collector(Collector(url: "http://localhost:4318/v1/traces"))
    package var batching = Batching()
    package var spanNames = SpanNames.seed
    /// Whether spans bear the keys of items.
    package var showsKeys = true
    /// Whether requests for health and metrics are recorded too.
    package var recordsProbes = false

    package init() {}
}

extension TracingSettings.Collector {
    /// Without what may be secret in it.
    package var shownURL: String {
        let bare = url.prefix { $0 != "?" }
        guard let schemeEnd = bare.firstRange(of: "://")?.upperBound else { return String(bare) }
        let authority = bare[schemeEnd...].prefix { $0 != "/" }
        guard let at = authority.lastIndex(of: "@") else { return String(bare) }
        return String(bare[..<schemeEnd] + bare[bare.index(after: at)...])
    }
}

extension TracingSettings.Destination {
    /// Its address, where it has one.
    package var name: String {
        switch self {
        case .collector(let collector): collector.shownURL
        case .console: "standard output"
        case .nowhere(let reason): "nowhere: \(reason)"
        }
    }
}

extension TracingSettings {
    /// Where traces go, for the line with which a node starts.
    package var sentence: String {
        if case .nowhere = destination { return destination.name }
        if maximumTracesPerSecond == 0 { return destination.name }
        return "\(destination.name), at most \(maximumTracesPerSecond) new ones a second"
    }
}
