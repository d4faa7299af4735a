extension TracingSettings {
    /// Reads the settings of tracing from the environment. An invalid value gives a warning and the default is used,
    /// because a database should start even if the settings of its telemetry are wrong. An empty variable counts as not
    /// set.
    package static func read(_ environment: [String: String]) -> (settings: TracingSettings, warnings: [String]) {
        var reader = EnvironmentReader(environment)
        var settings = TracingSettings()
        settings.readResource(&reader)
        settings.readSampling(&reader)
        settings.readLimits(&reader)
        settings.readBatching(&reader)
        settings.readOwn(&reader)
        settings.readDestination(&reader)
        return (settings, reader.warnings)
    }

    private mutating func readResource(_ reader: inout EnvironmentReader) {
        for (key, value) in reader.pairs("OTEL_RESOURCE_ATTRIBUTES") {
            if key == "service.name" {
                serviceName = value
            } else {
                resourceAttributes.append(SpanAttribute(key, .text(value)))
            }
        }
        if let name = reader.text("OTEL_SERVICE_NAME") { serviceName = name }
    }

    private mutating func readSampling(_ reader: inout EnvironmentReader) {
        let samplers: [String: (root: Sampler.Rule, followsParent: Bool)] = [
            "always_on": (.always, false), "always_off": (.never, false), "traceidratio": (.ratio(1), false),
            "parentbased_always_on": (.always, true), "parentbased_always_off": (.never, true),
            "parentbased_traceidratio": (.ratio(1), true),
        ]
        let chosen = reader.choice("OTEL_TRACES_SAMPLER", of: samplers, default: "parentbased_always_on")
        var root = chosen.root
        if case .ratio = root { root = .ratio(reader.share("OTEL_TRACES_SAMPLER_ARG", default: 1)) }
        sampler = Sampler(root: root, followsParent: chosen.followsParent)
        readPropagators(&reader)
    }

    private mutating func readPropagators(_ reader: inout EnvironmentReader) {
        guard let given = reader.text("OTEL_PROPAGATORS") else { return }
        let names = Set(given.split(separator: ",").map { $0.trimmed.lowercased() })
        readsTraceContext = names.contains("tracecontext")
        for name in names.sorted() where !["tracecontext", "none"].contains(name) {
            reader.warn("OTEL_PROPAGATORS: \(name.quoted) is not supported; use tracecontext or none")
        }
    }

    private mutating func readLimits(_ reader: inout EnvironmentReader) {
        limits.attributes = reader.integer(
            "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", default: limits.attributes, in: 0...10_000)
        limits.events = reader.integer("OTEL_SPAN_EVENT_COUNT_LIMIT", default: limits.events, in: 0...10_000)
        limits.links = reader.integer("OTEL_SPAN_LINK_COUNT_LIMIT", default: limits.links, in: 0...10_000)
        limits.attributeValueBytes = reader.integer(
            "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", default: limits.attributeValueBytes, in: 0...Int.max)
    }

    private mutating func readBatching(_ reader: inout EnvironmentReader) {
        batching.delayMilliseconds = reader.integer(
            "OTEL_BSP_SCHEDULE_DELAY", default: batching.delayMilliseconds, in: 0...3_600_000)
        batching.exportTimeoutMilliseconds = reader.integer(
            "OTEL_BSP_EXPORT_TIMEOUT", default: batching.exportTimeoutMilliseconds, in: 1...3_600_000)
        batching.queueSize = reader.integer(
            "OTEL_BSP_MAX_QUEUE_SIZE", default: batching.queueSize, in: 1...1_000_000)
        batching.batchSize = reader.integer(
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", default: min(batching.batchSize, batching.queueSize), in: 1...1_000_000)
        guard batching.batchSize > batching.queueSize else { return }
        reader.warn(
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE: \(batching.batchSize) is larger than the queue; "
                + "using \(batching.queueSize)")
        batching.batchSize = batching.queueSize
    }

    /// The environment variables of tracing that are HedgehogDB's own, not OpenTelemetry's.
    package enum OwnVariable: String, CaseIterable {
        case maximumPerSecond = "HEDGEHOG_TRACE_MAX_PER_SECOND"
        case spanNames = "HEDGEHOG_SPAN_NAMES"
        case showsKeys = "HEDGEHOG_TRACE_KEYS"
        case recordsProbes = "HEDGEHOG_TRACE_PROBES"
    }

    private mutating func readOwn(_ reader: inout EnvironmentReader) {
        maximumTracesPerSecond = reader.integer(
            OwnVariable.maximumPerSecond.rawValue, default: maximumTracesPerSecond, in: 0...1_000_000)
        let names = Dictionary(uniqueKeysWithValues: SpanNames.allCases.map { ($0.rawValue, $0) })
        spanNames = reader.choice(OwnVariable.spanNames.rawValue, of: names, default: "seed")
        showsKeys = reader.flag(OwnVariable.showsKeys.rawValue, default: true)
        recordsProbes = reader.flag(OwnVariable.recordsProbes.rawValue, default: false)
    }
}

// This extension reads the destination of spans (a collector, standard output or none) from the environment.
extension TracingSettings {
    private mutating func readDestination(_ reader: inout EnvironmentReader) {
        if reader.text("OTEL_SDK_DISABLED")?.lowercased() == "true" {
            sampler = Sampler(root: .never, followsParent: false)
            destination = .nowhere("OTEL_SDK_DISABLED is true")
            isDisabled = true
            return
        }
        let exporters = ["otlp": Exporter.otlp, "none": .none, "console": .console]
        switch reader.choice("OTEL_TRACES_EXPORTER", of: exporters, default: "otlp") {
        case .none: destination = .nowhere("OTEL_TRACES_EXPORTER is none")
        case .console: destination = .console
        case .otlp:
            guard let url = Self.endpoint(&reader) else {
                destination = .nowhere("the endpoint is not a valid URL")
                return
            }
            destination = .collector(Self.collector(url, &reader))
        }
    }

    private enum Exporter {
        case otlp, none, console
    }

    /// Returns the names of two environment variables that end with `end`. The one for traces comes first, because it
    /// takes precedence over the one for all OpenTelemetry signals.
    private static func names(_ end: String) -> [String] {
        ["OTEL_EXPORTER_OTLP_TRACES_" + end, "OTEL_EXPORTER_OTLP_" + end]
    }

    private static func collector(_ url: String, _ reader: inout EnvironmentReader) -> Collector {
        var collector = Collector(url: url)
        let protocols: [String: SpanEncoding] = [
            "http/protobuf": .protobuf, "http/json": .json, "grpc": .protobuf,
        ]
        let name = reader.first(names("PROTOCOL"))
        collector.encoding = reader.choice(name, of: protocols, default: "http/protobuf")
        if reader.text(name)?.lowercased() == "grpc" {
            reader.warn("\(name): grpc is not supported; using http/protobuf, whose usual port is 4318")
        }
        collector.usesGzip = reader.choice(
            reader.first(names("COMPRESSION")), of: ["gzip": true, "none": false], default: "none")
        collector.timeoutMilliseconds = reader.integer(
            reader.first(names("TIMEOUT")), default: collector.timeoutMilliseconds, in: 1...3_600_000)
        collector.headerLines = headerLines(reader.first(names("HEADERS")), &reader)
        collector.authorityFile = reader.text(reader.first(names("CERTIFICATE")))
        collector.certificateFile = reader.text(reader.first(names("CLIENT_CERTIFICATE")))
        collector.keyFile = reader.text(reader.first(names("CLIENT_KEY")))
        return collector
    }

    /// The names of headers that the exporter sets itself, because they describe the body of its requests.
    private static let ownHeaders: Set = ["content-type", "content-length", "content-encoding", "transfer-encoding"]

    /// Returns the header lines for requests to the collector. A warning about an invalid header does not contain its
    /// value, which is often a secret.
    private static func headerLines(_ name: String, _ reader: inout EnvironmentReader) -> [String] {
        var lines: [String] = []
        for (key, value) in reader.pairs(name, isSecret: true) {
            let isPrintable = value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
            if !key.isToken || !isPrintable {
                reader.warn("\(name): a header with a name or value that is invalid in HTTP is ignored")
            } else if ownHeaders.contains(key.lowercased()) {
                reader.warn("\(name): \(key) is set by the exporter and cannot be changed; it is ignored")
            } else {
                lines.append("\(key): \(value)")
            }
        }
        return lines
    }

    private static let standardEndpoint = "http://localhost:4318"

    /// Returns the URL of the collector for traces, or nil if the configured value is not a URL: a guess could send
    /// traces to the wrong place.
    private static func endpoint(_ reader: inout EnvironmentReader) -> String? {
        let name = reader.first(names("ENDPOINT"))
        let given = reader.text(name)
        guard var url = url(given ?? standardEndpoint) else {
            reader.warn("\(name): the value is not an http:// or https:// URL, so traces are not exported; "
                + "an example is \(standardEndpoint)")
            return nil
        }
        if let given, !given.contains("://") {
            reader.warn("\(name): the URL has no http:// or https://; using http://")
        }
        if name == "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" {
            if !url.hasPath { url += "/" }
            return url
        }
        while url.hasSuffix("/") { url.removeLast() }
        return url + "/v1/traces"
    }

    private static func url(_ text: String) -> String? {
        let url = text.contains("://") ? text : "http://" + text
        let lowercase = url.lowercased()
        guard let scheme = ["http://", "https://"].first(where: lowercase.hasPrefix),
            let next = url.dropFirst(scheme.count).first, !"/?#".contains(next),
            url.utf8.allSatisfy({ 0x21...0x7E ~= $0 }), !url.contains("#")
        else { return nil }
        return url
    }
}

extension String {
    /// Whether the URL has a path after the host.
    fileprivate var hasPath: Bool {
        guard let authority = firstRange(of: "://")?.upperBound else { return false }
        return self[authority...].contains("/")
    }

    /// Whether the text is a token as RFC 9110 defines it, which every header name must be.
    fileprivate var isToken: Bool {
        !isEmpty && utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
        }
    }
}
