internal import Observability

/// Spans that travel together, from the queue to the end of the last try.
final class SpanBatch {
    let count: Int
    private(set) var body: [UInt8]
    private(set) var isPacked = false
    private(set) var isReady = false
    var attempts = ExportAttempts(deadlineMilliseconds: 0)

    init(_ count: Int, body: [UInt8]) {
        self.count = count
        self.body = body
    }

    func pack(_ packed: [UInt8]) {
        precondition(!isPacked, "a batch was packed twice")
        body = packed
        isPacked = true
    }

    /// From here on the clock runs.
    func begin(deadlineMilliseconds: UInt64) {
        precondition(!isReady, "a batch was begun twice")
        isReady = true
        attempts = ExportAttempts(deadlineMilliseconds: deadlineMilliseconds)
    }
}

/// How a batch looks to who reads it.
struct ExportForm: Sendable {
    let spans: SpanForm
    /// With a line end.
    let isLine: Bool
    let packs: Bool
    let maximumBytes: Int

    func body(_ batch: EncodedSpans, of resource: TraceResource) -> [UInt8] {
        var body = spans.request(batch, of: resource)
        if isLine { body.append(UInt8(ascii: "\n")) }
        return body
    }
}

/// Where batches go.
enum ExportRoute {
    case collector(CollectorClient)
    case console(NodeLog)

    var form: ExportForm {
        switch self {
        case .collector(let collector): collector.form
        // More does not fit into what waits for the log's thread.
        case .console:
            ExportForm(spans: .json, isLine: true, packs: false, maximumBytes: ExportLimits.consoleBytes)
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
    /// From the beginning of a batch to that of the next, unless the node is ending: 64,000 spans a second with batches
    /// of the usual size, which take a fifth of the loop's time. So however much is recorded, requests keep the rest.
    static let batchIntervalMilliseconds: UInt64 = 8
    /// Of what a collector says.
    static let sentenceBytes = 256
}
