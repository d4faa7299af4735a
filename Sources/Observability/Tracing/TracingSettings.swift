/// The settings of tracing, read from the environment variables of OpenTelemetry and a few HEDGEHOG variables.
package struct TracingSettings: Equatable, Sendable {
    package enum Destination: Equatable, Sendable {
        case collector(Collector)
        /// Spans are written to standard output as lines of OTLP JSON.
        case console
        /// Spans are not exported. The associated text gives the reason.
        case nowhere(String)
    }

    package struct Collector: Equatable, Sendable {
        /// The complete URL of the collector for traces, including the path.
        package var url: String
        package var encoding = SpanEncoding.protobuf
        /// Complete header lines for requests to the collector. They may contain secrets.
        package var headerLines: [String] = []
        /// The timeout in milliseconds of one attempt to send a batch of spans to the collector.
        package var timeoutMilliseconds = 10_000
        package var usesGzip = false
        /// Paths of PEM files for TLS connections to the collector. Nil means the system's certificate authorities and
        /// no client certificate.
        package var authorityFile: String?
        package var certificateFile: String?
        package var keyFile: String?

        package init(url: String) { self.url = url }
    }

    package struct Batching: Equatable, Sendable {
        /// The time in milliseconds after which a batch of spans is sent even if it is not full.
        package var delayMilliseconds = 5_000
        /// The time limit in milliseconds for all attempts to send one batch of spans.
        package var exportTimeoutMilliseconds = 30_000
        package var queueSize = 2_048
        package var batchSize = 512

        package init() {}
    }

    package enum SpanNames: String, CaseIterable, Sendable {
        /// Spans of requests are named `http.request`, as in the dashboards of this project.
        case seed
        /// Spans of requests are named `GET /api/v1/...`, as in the semantic conventions of OpenTelemetry.
        case semconv
    }

    package var serviceName = "hedgehogdb"
    /// Whether `OTEL_SDK_DISABLED` is true. The node then records no spans, not even in a trace that another node
    /// records.
    package var isDisabled = false
    package var resourceAttributes: [SpanAttribute] = []
    package var sampler = Sampler.standard
    /// Whether the headers `traceparent` and `tracestate` of requests are read.
    package var readsTraceContext = true
    /// The maximum number of new traces that this node records in a second; 0 means no limit.
    package var maximumTracesPerSecond = 100
    package var limits = SpanLimits()
    package var destination = Destination.collector(Collector(url: "http://localhost:4318/v1/traces"))
    package var batching = Batching()
    package var spanNames = SpanNames.seed
    /// Whether spans contain the keys of the items that they concern.
    package var showsKeys = true
    /// Whether requests for health checks and for the metrics page are traced.
    package var recordsProbes = false

    package init() {}
}

extension TracingSettings.Collector {
    /// The URL of the collector for log lines: without the user, the password and the query, which may be secret.
    package var shownURL: String {
        let bare = url.prefix { $0 != "?" }
        guard let schemeEnd = bare.firstRange(of: "://")?.upperBound else { return String(bare) }
        let authority = bare[schemeEnd...].prefix { $0 != "/" }
        guard let at = authority.lastIndex(of: "@") else { return String(bare) }
        return String(bare[..<schemeEnd] + bare[bare.index(after: at)...])
    }
}

extension TracingSettings.Destination {
    /// The destination of spans as text: the URL of the collector without secrets, or a description.
    package var name: String {
        switch self {
        case .collector(let collector): collector.shownURL
        case .console: "standard output"
        case .nowhere(let reason): "nowhere: \(reason)"
        }
    }
}

extension TracingSettings {
    /// Describes the destination of traces and their limit, for the log line at the start of a node.
    package var sentence: String {
        if case .nowhere = destination { return destination.name }
        if maximumTracesPerSecond == 0 { return destination.name }
        return "\(destination.name), at most \(maximumTracesPerSecond) new traces per second"
    }
}
