internal import Observability

/// A batch: spans that are sent together. It exists from the time they leave the queue until the last attempt to send
/// them.
final class SpanBatch {
    let count: Int
    private(set) var body: [UInt8]
    private(set) var compression = ExportCompression.none
    private(set) var isReady = false
    var attempts = ExportAttempts(deadlineMilliseconds: 0)

    init(_ count: Int, body: [UInt8]) {
        self.count = count
        self.body = body
    }

    func replaceBody(gzip: [UInt8]) {
        precondition(compression == .none, "a batch was compressed twice")
        body = gzip
        compression = .gzip
    }

    /// Marks the batch of spans as ready to send, after its compression if any, and starts its time limit.
    func start(deadlineMilliseconds: UInt64) {
        precondition(!isReady, "a batch was started twice")
        isReady = true
        attempts = ExportAttempts(deadlineMilliseconds: deadlineMilliseconds)
    }
}

/// The format of a batch of spans for one destination.
struct BatchFormat: Sendable {
    let encoding: SpanEncoding
    /// Whether a line feed is appended to each batch of spans, as for standard output.
    let isLine: Bool
    let usesGzip: Bool
    let maximumBytes: Int

    func body(_ batch: EncodedSpans, of resource: TraceResource) -> [UInt8] {
        var body = encoding.request(batch, of: resource)
        if isLine { body.append(UInt8(ascii: "\n")) }
        return body
    }
}

/// The destination of exported spans: an OTLP collector or standard output.
enum ExportRoute {
    case collector(CollectorClient)
    case console(NodeLog)

    var format: BatchFormat {
        switch self {
        case .collector(let collector): collector.format
        case .console:
            BatchFormat(encoding: .json, isLine: true, usesGzip: false, maximumBytes: ExportLimits.consoleBytes)
        }
    }
}

/// The limits of exporting spans.
enum ExportLimits {
    /// The largest uncompressed batch of spans, in bytes, as in the OTLP specification.
    static let bodyBytes = 64 << 20
    static let responseBytes = 4 << 20
    /// The largest response of a collector, in bytes, that is searched for a partial success of OTLP, because the
    /// response is parsed on the loop.
    static let partialSuccessBytes = 64 << 10
    /// The largest batch of spans, in bytes, that is written to standard output. It has to fit into the queue of the
    /// log thread.
    static let consoleBytes = 4 << 20
    static let connectMilliseconds = 5_000
    static let workerRetryMilliseconds: UInt64 = 1_000
    /// The minimum time between the starts of two batches of exported spans, except at shutdown: it allows 64,000 spans
    /// per second with batches of the default size, which take a fifth of the loop's time. The rest of the time remains
    /// for requests.
    static let batchIntervalMilliseconds: UInt64 = 8
    /// How many bytes of a collector's error message are logged.
    static let collectorMessageBytes = 256
}
