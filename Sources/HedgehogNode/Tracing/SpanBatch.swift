internal import Observability

/// Spans that travel together, from the queue to the end of the last try.
final class SpanBatch {
    let spans: [SpanRecord]
    private(set) var body: [UInt8] = []
    private(set) var isPacked = false
    private(set) var isEncoded = false
    var attempts = ExportAttempts(deadlineMilliseconds: 0)

    init(_ spans: [SpanRecord]) {
        self.spans = spans
    }

    /// From here on the clock runs.
    func begin(_ body: [UInt8], isPacked: Bool, deadlineMilliseconds: UInt64) {
        precondition(!isEncoded, "a batch was encoded twice")
        self.body = body
        self.isPacked = isPacked
        isEncoded = true
        attempts = ExportAttempts(deadlineMilliseconds: deadlineMilliseconds)
    }
}

/// How a batch looks to who reads it.
struct ExportForm: Sendable {
    enum Kind: Sendable {
        case protobuf
        case json
        /// JSON with a line end.
        case line
    }

    let kind: Kind
    let packs: Bool
    let maximumBytes: Int

    /// On a worker.
    func encode(_ spans: [SpanRecord], of resource: TraceResource) -> EncodedSpans {
        var bytes = switch kind {
        case .protobuf: OTLPProtobuf.request(spans, of: resource)
        case .json, .line: OTLPJSON.request(spans, of: resource)
        }
        if kind == .line { bytes.append(UInt8(ascii: "\n")) }
        guard bytes.count <= maximumBytes else { return .tooLarge(bytes: bytes.count) }
        return packs ? .bytes(Gzip.compress(bytes), isPacked: true) : .bytes(bytes, isPacked: false)
    }
}

enum EncodedSpans: Sendable {
    case bytes([UInt8], isPacked: Bool)
    case tooLarge(bytes: Int)
}

/// Where batches go.
enum ExportRoute {
    case collector(CollectorClient)
    case console(NodeLog)

    var form: ExportForm {
        switch self {
        case .collector(let collector): collector.form
        // More does not fit into what waits for the log's thread.
        case .console: ExportForm(kind: .line, packs: false, maximumBytes: ExportLimits.consoleBytes)
        }
    }
}

/// The bounds of exporting spans.
enum ExportLimits {
    /// Before it is packed, by OTLP.
    static let bodyBytes = 64 << 20
    static let answerBytes = 4 << 20
    /// Of an answer that is looked into: it is read on the loop.
    static let partialSuccessBytes = 64 << 10
    static let consoleBytes = 4 << 20
    static let connectMilliseconds = 5_000
    static let workerPauseMilliseconds: UInt64 = 1_000
    /// From the beginning of a batch to that of the next, unless the node is ending: 51,200 spans a second with batches
    /// of the usual size. What a request costs with its spans and their export is then bounded, however many there are.
    static let batchIntervalMilliseconds: UInt64 = 10
    /// Of what a collector says.
    static let sentenceBytes = 256
}
