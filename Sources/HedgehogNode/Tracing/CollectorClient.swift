internal import Base
internal import HTTPClient
internal import Observability
internal import Reactor

/// Sends batches of spans to one collector with OTLP over HTTP, on one persistent connection. Only the event loop may
/// use it.
///
/// The address of the collector may be a host name. `localhost` is not resolved; curl resolves any other name on its
/// own thread for each new connection.
final class CollectorClient {
    let format: BatchFormat
    private let settings: TracingSettings.Collector
    private let headerLines: [String]
    private let client: Client

    init(_ settings: TracingSettings.Collector, version: String, loop: EventLoop) {
        self.settings = settings
        format = BatchFormat(
            encoding: settings.encoding, isLine: false, usesGzip: settings.usesGzip,
            maximumBytes: ExportLimits.bodyBytes)
        var limits = HTTPClientLimits()
        limits.maximumInFlight = 1
        client = Client(loop: loop, limits: limits)
        let contentType = ["Content-Type: \(settings.encoding.contentType)"]
        let contentEncoding = settings.usesGzip ? ["Content-Encoding: gzip"] : []
        let hasAgent = settings.headerLines.contains { $0.lowercased().hasPrefix("user-agent:") }
        let agent = "User-Agent: OTel-OTLP-Exporter-Swift/\(version) HedgehogDB/\(version)"
        headerLines = contentType + contentEncoding + (hasAgent ? [] : [agent]) + settings.headerLines
    }

    /// Sends a batch of spans to the collector. `completion` is called once, after this call has returned, with the
    /// result of this attempt.
    func send(
        _ batch: SpanBatch, withinMilliseconds milliseconds: Int, completion: @escaping (CollectorResult) -> Void
    ) -> Transfer {
        var request = ClientRequest(.post, url: settings.url, body: batch.body)
        request.headerLines = headerLines
        request.certificates = ClientCertificates(
            authorities: settings.authorityFile, own: settings.certificateFile, key: settings.keyFile)
        request.timeoutMilliseconds = min(settings.timeoutMilliseconds, milliseconds)
        request.connectTimeoutMilliseconds = min(request.timeoutMilliseconds, ExportLimits.connectMilliseconds)
        request.maximumResponseBytes = ExportLimits.responseBytes
        return client.send(request) { completion(CollectorResult($0)) }
    }

    func close() { client.close() }
}

/// The result of one attempt to send a batch of spans to the collector.
struct CollectorResult {
    let outcome: ExportAttempts.Outcome
    /// The partial success of OTLP in the collector's successful response: how many spans it rejected, and why.
    let partialSuccess: PartialSuccess
    /// The failure of the attempt to send spans, as a sentence for the log.
    let sentence: String

    init(_ result: Result<ClientResponse, ClientError>) {
        switch result {
        case .success(let response):
            outcome = .answered(
                status: response.status,
                retryAfterMilliseconds: response.headers["Retry-After"].flatMap(RetryAfter.init)?.milliseconds)
            partialSuccess = PartialSuccess(response)
            sentence = "the collector responded with status \(response.status)" + Self.message(in: response)
        case .failure(let error):
            outcome = error.deservesRetry ? .unanswered : .unusable
            partialSuccess = PartialSuccess()
            sentence = error.sentence
        }
    }

    /// The error message of the collector, if the response is plain text.
    private static func message(in response: ClientResponse) -> String {
        guard response.headers["Content-Type"]?.lowercased().hasPrefix("text/plain") == true else { return "" }
        let message = String(repairing: response.body.span.extracting(first: ExportLimits.collectorMessageBytes))
        return message.isEmpty ? "" : ": \(message)"
    }
}

extension ClientError {
    /// The HTTP client's error message for the log, without parts of the collector's URL or headers that may be secret.
    fileprivate var sentence: String {
        switch self {
        case .badURL: "the URL of the collector is invalid"
        case .badHeaderLine: "a header for the collector is invalid"
        default: description
        }
    }

    /// Whether OTLP allows a batch of spans to be sent again after this error of the HTTP client: the connection
    /// failed, or it closed before a response.
    fileprivate var deservesRetry: Bool {
        switch self {
        case .tooManyInFlight, .unknownHost, .refused, .unreachable, .connectTimedOut, .disconnected: true
        case .badURL, .badHeaderLine, .timedOut, .malformedResponse, .headTooLarge, .bodyTooLarge, .cancelled, .closed,
            .other:
            false
        }
    }
}
