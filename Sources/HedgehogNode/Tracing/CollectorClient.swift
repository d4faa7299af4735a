internal import Base
internal import HTTPClient
internal import Observability
internal import Reactor

/// Speaks OTLP over HTTP to one collector, over a kept connection of its own. Loop-bound.
///
/// A collector may be given by name. `localhost` needs no resolver; any other name is looked up on a thread of curl's,
/// anew when a connection is made.
final class CollectorClient {
    let form: ExportForm
    private let settings: TracingSettings.Collector
    private let headerLines: [String]
    private let client: Client

    init(_ settings: TracingSettings.Collector, version: String, loop: EventLoop) {
        self.settings = settings
        form = ExportForm(
            spans: settings.encoding == .json ? .json : .protobuf, isLine: false, packs: settings.usesGzip,
            maximumBytes: ExportLimits.bodyBytes)
        var limits = HTTPClientLimits()
        limits.maximumInFlight = 1
        client = Client(loop: loop, limits: limits)
        let contentType = settings.encoding == .json ? OTLPJSON.contentType : OTLPProtobuf.contentType
        let fixed = ["Content-Type: \(contentType)"] + (settings.usesGzip ? ["Content-Encoding: gzip"] : [])
        let hasAgent = settings.headerLines.contains { $0.lowercased().hasPrefix("user-agent:") }
        let agent = "User-Agent: OTel-OTLP-Exporter-Swift/\(version) HedgehogDB/\(version)"
        headerLines = fixed + (hasAgent ? [] : [agent]) + settings.headerLines
    }

    /// `completion` runs once, later, with what became of this one try.
    func send(
        _ batch: SpanBatch, withinMilliseconds milliseconds: Int, completion: @escaping (CollectorResult) -> Void
    ) -> Transfer {
        var request = ClientRequest(.post, url: settings.url, body: batch.body)
        request.headerLines = headerLines
        request.certificates = ClientCertificates(
            authorities: settings.authorityFile, own: settings.certificateFile, key: settings.keyFile)
        request.timeoutMilliseconds = min(settings.timeoutMilliseconds, milliseconds)
        request.connectTimeoutMilliseconds = min(request.timeoutMilliseconds, ExportLimits.connectMilliseconds)
        request.maximumResponseBytes = ExportLimits.answerBytes
        return client.send(request) { completion(CollectorResult($0)) }
    }

    func close() { client.close() }
}

/// What became of one try.
struct CollectorResult {
    let outcome: ExportAttempts.Outcome
    /// Of an answer that says yes.
    let partialSuccess: PartialSuccess
    /// What to tell an operator of an answer that does not.
    let sentence: String

    init(_ result: Result<ClientResponse, ClientError>) {
        switch result {
        case .success(let response):
            outcome = .answered(
                status: response.status,
                retryAfterMilliseconds: response.headers["Retry-After"].flatMap(RetryAfter.init)?.milliseconds)
            partialSuccess = PartialSuccess(response)
            sentence = "it answered with status \(response.status)" + Self.words(of: response)
        case .failure(let error):
            outcome = error.deservesRetry ? .unanswered : .unusable
            partialSuccess = PartialSuccess()
            sentence = error.sentence
        }
    }

    /// Many a collector says in plain text what it did not like.
    private static func words(of response: ClientResponse) -> String {
        guard response.headers["Content-Type"]?.lowercased().hasPrefix("text/plain") == true else { return "" }
        let words = String(repairing: response.body.span.extracting(first: ExportLimits.sentenceBytes))
        return words.isEmpty ? "" : ": \(words)"
    }
}

extension ClientError {
    /// Without what may be secret in an address or a header.
    fileprivate var sentence: String {
        switch self {
        case .badURL: "its address is no URL that can be used"
        case .badHeaderLine: "a header that was given for it cannot be sent"
        default: description
        }
    }

    /// By OTLP's rules: when there was no connection, or when it ended before the answer.
    fileprivate var deservesRetry: Bool {
        switch self {
        case .tooManyInFlight, .unknownHost, .refused, .unreachable, .connectTimedOut, .disconnected: true
        case .badURL, .badHeaderLine, .timedOut, .malformedAnswer, .headTooLarge, .bodyTooLarge, .cancelled, .closed,
            .other:
            false
        }
    }
}
