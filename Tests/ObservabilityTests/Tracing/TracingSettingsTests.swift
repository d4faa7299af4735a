@testable import Observability
import Testing

/// The environment variables: the effect of each one, and the handling of invalid values.
@Suite struct TracingSettingsTests {
    private static func collector(_ environment: [String: String]) -> TracingSettings.Collector? {
        let destination = TracingSettings.read(environment).settings.destination
        if case .collector(let collector) = destination { return collector }
        return nil
    }

    @Test("Without variables all settings have their defaults, and there are no warnings")
    func defaults() {
        let (settings, warnings) = TracingSettings.read(["PATH": "/bin"])
        #expect(settings == TracingSettings() && warnings.isEmpty)
        #expect(settings.sampler == .standard && settings.maximumTracesPerSecond == 100)
        #expect(settings.limits.attributes == 128 && settings.limits.attributeValueBytes == .max)
        #expect(settings.batching.queueSize == 2048 && settings.batching.batchSize == 512)
        #expect(settings.batching.delayMilliseconds == 5_000 && settings.batching.exportTimeoutMilliseconds == 30_000)
        let collector = Self.collector([:])
        #expect(collector?.url == "http://localhost:4318/v1/traces" && collector?.timeoutMilliseconds == 10_000)
        #expect(collector?.encoding == .protobuf && collector?.usesGzip == false)
        #expect(settings.sentence == "http://localhost:4318/v1/traces, at most 100 new traces per second")
    }

    @Test("An empty variable counts as not set", arguments: [
        "OTEL_SDK_DISABLED", "OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TIMEOUT",
        "OTEL_EXPORTER_OTLP_COMPRESSION", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_CERTIFICATE",
        "OTEL_TRACES_EXPORTER", "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG", "OTEL_PROPAGATORS",
        "OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_SPAN_EVENT_COUNT_LIMIT",
        "HEDGEHOG_TRACE_MAX_PER_SECOND", "HEDGEHOG_SPAN_NAMES", "HEDGEHOG_TRACE_KEYS", "HEDGEHOG_TRACE_PROBES",
    ])
    func empty(name: String) {
        let (settings, warnings) = TracingSettings.read([name: " "])
        #expect(settings == TracingSettings() && warnings.isEmpty)
    }

    // MARK: Destination

    static let endpoints: [([String: String], String?, warnings: Int)] = [
        (["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"], "http://c:4318/v1/traces", 0),
        (["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318/"], "http://c:4318/v1/traces", 0),
        (["OTEL_EXPORTER_OTLP_ENDPOINT": "https://c/otlp//"], "https://c/otlp/v1/traces", 0),
        (["OTEL_EXPORTER_OTLP_ENDPOINT": "HTTPS://c"], "HTTPS://c/v1/traces", 0),
        (["OTEL_EXPORTER_OTLP_ENDPOINT": "http://[::1]:4318"], "http://[::1]:4318/v1/traces", 0),
        (["OTEL_EXPORTER_OTLP_ENDPOINT": "localhost:4318"], "http://localhost:4318/v1/traces", 1),
        (["OTEL_EXPORTER_OTLP_ENDPOINT": "c/base"], "http://c/base/v1/traces", 1),
        (["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318"], "http://c:4318/", 0),
        (["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/"], "http://c:4318/", 0),
        (["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c/in?x=1"], "http://c/in?x=1", 0),
        (["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "c:1/v1/traces"], "http://c:1/v1/traces", 1),
        (
            ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://a", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://b/t"],
            "http://b/t", 0
        ),
        (
            ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://a", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": ""],
            "http://a/v1/traces", 0
        ),
        (["OTEL_EXPORTER_OTLP_ENDPOINT": "grpc://c:4317"], nil, 1),
        (["OTEL_EXPORTER_OTLP_ENDPOINT": "http://"], nil, 1),
        (["OTEL_EXPORTER_OTLP_ENDPOINT": "http:///v1"], nil, 1),
        (["OTEL_EXPORTER_OTLP_ENDPOINT": "http://a b"], nil, 1),
        (["OTEL_EXPORTER_OTLP_ENDPOINT": "http://ä"], nil, 1),
        (["OTEL_EXPORTER_OTLP_ENDPOINT": "http://a#b"], nil, 1),
    ]

    @Test("The general endpoint gets a path, the traces endpoint is used unchanged", arguments: endpoints)
    func endpoint(environment: [String: String], expected: String?, warnings: Int) {
        #expect(Self.collector(environment)?.url == expected)
        #expect(TracingSettings.read(environment).warnings.count == warnings)
    }

    static let exporters: [(String, TracingSettings.Destination?, warnings: Int)] = [
        ("none", .nowhere("OTEL_TRACES_EXPORTER is none"), 0), ("NONE", .nowhere("OTEL_TRACES_EXPORTER is none"), 0),
        ("console", .console, 0), ("otlp", nil, 0), ("zipkin", nil, 1), ("otlp,console", nil, 1),
    ]

    @Test("Spans go to a collector, to standard output, or are not exported", arguments: exporters)
    func exporter(value: String, expected: TracingSettings.Destination?, warnings: Int) {
        let read = TracingSettings.read(["OTEL_TRACES_EXPORTER": value])
        #expect(read.settings.destination == expected ?? TracingSettings().destination)
        #expect(read.warnings.count == warnings)
    }

    @Test("Only the value true, in upper or lower case, turns tracing off", arguments: [
        ("true", true), ("True", true), ("TRUE", true), ("1", false), ("yes", false), ("false", false),
    ])
    func disabled(value: String, expected: Bool) {
        let settings = TracingSettings.read(["OTEL_SDK_DISABLED": value]).settings
        #expect((settings.destination == .nowhere("OTEL_SDK_DISABLED is true")) == expected)
        #expect((settings.sampler == Sampler(root: .never, followsParent: false)) == expected)
        #expect(settings.readsTraceContext)
    }

    // MARK: Protocol

    @Test("The protocol is protobuf by default; JSON is supported and gRPC is not", arguments: [
        ("http/protobuf", .protobuf, 0), ("http/json", .json, 0), ("HTTP/JSON", .json, 0), ("grpc", .protobuf, 1),
        ("http/xml", .protobuf, 1),
    ] as [(String, SpanEncoding, Int)])
    func encoding(value: String, expected: SpanEncoding, warnings: Int) {
        let environment = ["OTEL_EXPORTER_OTLP_PROTOCOL": value]
        #expect(Self.collector(environment)?.encoding == expected)
        #expect(TracingSettings.read(environment).warnings.count == warnings)
    }

    @Test("A variable for traces takes precedence over the variable for all signals")
    func precedence() {
        let collector = Self.collector([
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf",
            "OTEL_EXPORTER_OTLP_COMPRESSION": "none", "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION": "gzip",
            "OTEL_EXPORTER_OTLP_TIMEOUT": "1", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "2000",
            "OTEL_EXPORTER_OTLP_HEADERS": "a=1", "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "b=2",
            "OTEL_EXPORTER_OTLP_CERTIFICATE": "/a", "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE": "/b",
            "OTEL_EXPORTER_OTLP_CLIENT_KEY": "/k", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": "/c",
        ])
        #expect(collector?.encoding == .protobuf && collector?.usesGzip == true)
        #expect(collector?.timeoutMilliseconds == 2000 && collector?.headerLines == ["b: 2"])
        #expect(collector?.authorityFile == "/b" && collector?.keyFile == "/k" && collector?.certificateFile == "/c")
    }

    static let headers: [(String, [String], warnings: Int)] = [
        ("a=b", ["a: b"], 0), ("a=b,c=d", ["a: b", "c: d"], 0), (" a = b , c = d ", ["a: b", "c: d"], 0),
        ("a=b,,", ["a: b"], 0), ("a=", ["a: "], 0), ("a=b=c", ["a: b=c"], 0),
        ("Authorization=Basic%20YTpi", ["Authorization: Basic YTpi"], 0), ("a=%2C%3d", ["a: ,="], 0),
        ("a", [], 1), ("=b", [], 1), ("a=b,c", [], 1), ("a=%2", [], 1), ("a=%zz", [], 1), ("a=%+1", [], 1),
        ("a=%FF", [], 1), ("a=b;c=d", [], 1),
        ("a=b,x%0d%0ay=1", ["a: b"], 1), ("a=1%0d%0aX:2,c=d", ["c: d"], 1), ("a b=c", [], 1),
        ("Content-Type=text/plain,a=b", ["a: b"], 1),
    ]

    @Test("Headers are pairs with percent-encoded values; an invalid list is ignored completely", arguments: headers)
    func headerLines(value: String, expected: [String], warnings: Int) {
        let environment = ["OTEL_EXPORTER_OTLP_HEADERS": value]
        #expect(Self.collector(environment)?.headerLines == expected)
        #expect(TracingSettings.read(environment).warnings.count == warnings)
    }

    @Test("Warnings do not contain header values, and log lines do not contain the password of an endpoint")
    func secrets() {
        let (settings, warnings) = TracingSettings.read([
            "OTEL_EXPORTER_OTLP_HEADERS": "Authorization: secret", "OTEL_TRACES_SAMPLER": "odd",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "https://user:secret@c/base?token=secret",
        ])
        #expect(warnings.count == 2)
        #expect(!warnings.joined().contains("secret") && !settings.sentence.contains("secret"))
        #expect(settings.destination.name == "https://c/base")
    }

    // MARK: Resource, sampling and limits

    @Test("The service name comes first from its own variable", arguments: [
        ([:], "hedgehogdb"), (["OTEL_RESOURCE_ATTRIBUTES": "service.name=b"], "b"),
        (["OTEL_RESOURCE_ATTRIBUTES": "service.name=b", "OTEL_SERVICE_NAME": "a"], "a"),
    ] as [([String: String], String)])
    func serviceName(environment: [String: String], expected: String) {
        let settings = TracingSettings.read(environment).settings
        #expect(settings.serviceName == expected && settings.resourceAttributes.isEmpty)
    }

    @Test("Resource attributes are percent-decoded; an invalid list is ignored completely, with a warning")
    func resource() {
        let good = TracingSettings.read(["OTEL_RESOURCE_ATTRIBUTES": "a%20b=c%2Cd,zone=eu"])
        #expect(good.settings.resourceAttributes == [
            SpanAttribute("a b", .text("c,d")), SpanAttribute("zone", .text("eu")),
        ])
        #expect(good.warnings.isEmpty)
        let bad = TracingSettings.read(["OTEL_RESOURCE_ATTRIBUTES": "zone=eu,broken"])
        #expect(bad.settings.resourceAttributes.isEmpty && bad.warnings.count == 1)
    }

    static let samplers: [(String, String?, Sampler, warnings: Int)] = [
        ("always_on", nil, Sampler(root: .always, followsParent: false), 0),
        ("always_off", nil, Sampler(root: .never, followsParent: false), 0),
        ("traceidratio", "0.25", Sampler(root: .ratio(0.25), followsParent: false), 0),
        ("traceidratio", nil, Sampler(root: .ratio(1), followsParent: false), 0),
        ("parentbased_always_on", nil, .standard, 0), ("Parentbased_Always_On", nil, .standard, 0),
        ("parentbased_always_off", nil, Sampler(root: .never, followsParent: true), 0),
        ("parentbased_traceidratio", "0", Sampler(root: .ratio(0), followsParent: true), 0),
        ("parentbased_traceidratio", "1.0", Sampler(root: .ratio(1), followsParent: true), 0),
        ("traceidratio", "1.1", Sampler(root: .ratio(1), followsParent: false), 1),
        ("traceidratio", "-0.1", Sampler(root: .ratio(1), followsParent: false), 1),
        ("traceidratio", "nan", Sampler(root: .ratio(1), followsParent: false), 1),
        ("traceidratio", "half", Sampler(root: .ratio(1), followsParent: false), 1),
        ("always_on", "half", Sampler(root: .always, followsParent: false), 0),
        ("jaeger_remote", nil, .standard, 1),
    ]

    @Test("A sampler has a name, and some samplers have an argument", arguments: samplers)
    func sampler(name: String, argument: String?, expected: Sampler, warnings: Int) {
        let read = TracingSettings.read(["OTEL_TRACES_SAMPLER": name, "OTEL_TRACES_SAMPLER_ARG": argument ?? ""])
        #expect(read.settings.sampler == expected && read.warnings.count == warnings)
    }

    @Test("Trace context is read by default; any other propagator gives a warning", arguments: [
        ("tracecontext", true, 0), ("none", false, 0), ("tracecontext,baggage", true, 1), ("baggage", false, 1),
        ("tracecontext,tracecontext", true, 0), (" TraceContext , none ", true, 0), ("b3,jaeger", false, 2),
    ])
    func propagators(value: String, expected: Bool, warnings: Int) {
        let read = TracingSettings.read(["OTEL_PROPAGATORS": value])
        #expect(read.settings.readsTraceContext == expected && read.warnings.count == warnings)
    }

    static let numbers: [(String, WritableKeyPath<TracingSettings, Int> & Sendable)] = [
        ("OTEL_BSP_SCHEDULE_DELAY", \.batching.delayMilliseconds),
        ("OTEL_BSP_EXPORT_TIMEOUT", \.batching.exportTimeoutMilliseconds),
        ("OTEL_BSP_MAX_QUEUE_SIZE", \.batching.queueSize),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", \.batching.batchSize),
        ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", \.limits.attributes),
        ("OTEL_SPAN_EVENT_COUNT_LIMIT", \.limits.events), ("OTEL_SPAN_LINK_COUNT_LIMIT", \.limits.links),
        ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", \.limits.attributeValueBytes),
        ("HEDGEHOG_TRACE_MAX_PER_SECOND", \.maximumTracesPerSecond),
    ]

    @Test("Each numeric variable sets its own setting only", arguments: numbers)
    func number(name: String, path: WritableKeyPath<TracingSettings, Int> & Sendable) {
        let read = TracingSettings.read([name: "700"])
        #expect(read.settings[keyPath: path] == 700 && read.warnings.isEmpty)
    }

    @Test("An invalid number gives a warning with its variable, and the default is used", arguments: numbers)
    func noNumber(name: String, path: WritableKeyPath<TracingSettings, Int> & Sendable) {
        for value in ["many", "-1", "1.5", "+5", "0x10", "5s", "99999999999999999999"] {
            let read = TracingSettings.read([name: value])
            #expect(read.settings == TracingSettings())
            #expect(read.warnings.count == 1)
            #expect(read.warnings.first?.hasPrefix("\(name): \"\(value)\" ") == true, "\(read.warnings)")
        }
    }

    @Test("A batch is never larger than the queue", arguments: [
        (["OTEL_BSP_MAX_QUEUE_SIZE": "100"], 100, 0),
        (["OTEL_BSP_MAX_QUEUE_SIZE": "100", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "50"], 50, 0),
        (["OTEL_BSP_MAX_QUEUE_SIZE": "100", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "101"], 100, 1),
        (["OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "4096"], 2048, 1),
        (["OTEL_BSP_MAX_QUEUE_SIZE": "0"], 512, 1), (["OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "0"], 512, 1),
    ] as [([String: String], Int, Int)])
    func batchSize(environment: [String: String], expected: Int, warnings: Int) {
        let read = TracingSettings.read(environment)
        #expect(read.settings.batching.batchSize == expected && read.warnings.count == warnings)
    }

    @Test("The HEDGEHOG variables are read, and an invalid value gives a warning")
    func own() {
        let read = TracingSettings.read([
            "HEDGEHOG_SPAN_NAMES": "semconv", "HEDGEHOG_TRACE_KEYS": "0", "HEDGEHOG_TRACE_PROBES": "1",
            "HEDGEHOG_TRACE_MAX_PER_SECOND": "0",
        ])
        #expect(read.settings.spanNames == .semconv && !read.settings.showsKeys && read.settings.recordsProbes)
        #expect(read.settings.maximumTracesPerSecond == 0 && read.warnings.isEmpty)
        #expect(read.settings.sentence == "http://localhost:4318/v1/traces")
        let odd = TracingSettings.read([
            "HEDGEHOG_SPAN_NAMES": "long", "HEDGEHOG_TRACE_KEYS": "no", "HEDGEHOG_TRACE_PROBES": "2",
        ])
        #expect(odd.settings == TracingSettings() && odd.warnings.count == 3)
    }
}
