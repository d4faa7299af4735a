internal import CCurl

/// One request from `send` to its completion: collects the answer as curl hands it over. Other modules only keep it to
/// cancel it.
package final class Transfer {
    enum Phase {
        case starting
        case running(EasyHandle)
        /// Cancelled, failed before it ran, or overtaken by `close`: the completion is on its way through the loop.
        case ending
        case ended
    }

    private(set) var phase = Phase.starting
    private let url: String
    private let connectTimeoutMilliseconds: Int
    private let timeoutMilliseconds: Int
    private let maximumBodyBytes: Int
    private let maximumHeadBytes: Int
    private let sink: (([UInt8]) -> Void)?
    private var completion: ((Result<ClientResponse, ClientError>) -> Void)?

    private var head = ResponseHead()
    private var headBytes = 0
    private var body: [UInt8] = []
    private var bodyBytes = 0
    /// Why we ourselves stopped curl.
    private var refusal: ClientError?

    init(
        _ request: ClientRequest, maximumHeadBytes: Int, sink: (([UInt8]) -> Void)?,
        completion: @escaping (Result<ClientResponse, ClientError>) -> Void
    ) {
        url = request.url
        connectTimeoutMilliseconds = min(request.connectTimeoutMilliseconds, request.timeoutMilliseconds)
        timeoutMilliseconds = request.timeoutMilliseconds
        maximumBodyBytes = request.maximumResponseBytes
        self.maximumHeadBytes = maximumHeadBytes
        self.sink = sink
        self.completion = completion
    }
}

// Inside curl: nothing here may call curl, or anyone who might. A return value other than the count given makes curl
// end the transfer.
extension Transfer {
    func takeHead(_ line: UnsafeRawBufferPointer) -> Int {
        headBytes += line.count
        guard headBytes <= maximumHeadBytes else {
            refusal = .headTooLarge(limitBytes: maximumHeadBytes)
            return 0
        }
        head.take(line)
        return line.count
    }

    func takeBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        bodyBytes += bytes.count
        guard bodyBytes <= maximumBodyBytes else {
            refusal = .bodyTooLarge(limitBytes: maximumBodyBytes)
            return 0
        }
        body.append(contentsOf: bytes)
        return bytes.count
    }
}

// Outside curl.
extension Transfer {
    var isRunning: Bool {
        if case .running = phase { true } else { false }
    }

    var isStreaming: Bool { sink != nil }

    /// Now that curl has ended it with `code`.
    func result(_ code: CURLcode, _ handle: EasyHandle) -> Result<ClientResponse, ClientError> {
        if let refusal { return .failure(refusal) }
        if code == CURLE_OK {
            return .success(ClientResponse(status: head.status, headers: ClientHeaders(head.fields), body: body))
        }
        let attempt = FailedAttempt(
            url: url, connectTimeoutMilliseconds: connectTimeoutMilliseconds,
            timeoutMilliseconds: timeoutMilliseconds, bytesSent: handle.bytesSent, systemError: handle.systemError)
        return .failure(ClientError(code, attempt))
    }

    /// Only an answer that says yes is streamed; of any other the caller wants the whole, to say what is wrong.
    func deliverChunk() {
        guard let sink, isRunning, !body.isEmpty, (200..<300).contains(head.status) else { return }
        var chunk: [UInt8] = []
        swap(&chunk, &body)
        sink(chunk)
    }

    func advance(to next: Phase) {
        switch (phase, next) {
        case (.starting, .running), (.starting, .ending), (.running, .ending), (.running, .ended), (.ending, .ended):
            phase = next
        default: preconditionFailure("a transfer went from \(phase) to \(next)")
        }
    }

    func complete(_ result: Result<ClientResponse, ClientError>) {
        advance(to: .ended)
        guard let completion else { preconditionFailure("a transfer was completed twice") }
        self.completion = nil
        completion(result)
    }
}
