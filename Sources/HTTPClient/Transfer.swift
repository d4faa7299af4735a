internal import CCurl

/// One request from `send` to its completion. Collects the response as curl passes it on. Other modules use it only to
/// cancel the request. Loop thread only.
package final class Transfer {
    enum Phase {
        case starting
        case running(EasyHandle)
        /// The transfer was cancelled, failed before it ran, or was ended by the client's `close`. Its completion is
        /// enqueued on the loop.
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
    /// The limit that the response exceeded, which made this transfer tell curl to stop; nil if there was none.
    private var exceededLimit: ClientError?

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

// MARK: Callbacks of curl

// Curl calls these functions with the bytes of a response. They must not call curl, nor code that may call curl. If one
// returns another count than that of the bytes it was given, curl ends the transfer.
extension Transfer {
    func appendHead(_ line: UnsafeRawBufferPointer) -> Int {
        headBytes += line.count
        guard headBytes <= maximumHeadBytes else {
            exceededLimit = .headTooLarge(limitBytes: maximumHeadBytes)
            return 0
        }
        head.append(line)
        return line.count
    }

    func appendBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        bodyBytes += bytes.count
        guard bodyBytes <= maximumBodyBytes else {
            exceededLimit = .bodyTooLarge(limitBytes: maximumBodyBytes)
            return 0
        }
        body.append(contentsOf: bytes)
        return bytes.count
    }
}

// MARK: Phases, response and completion of a transfer

extension Transfer {
    var isRunning: Bool {
        if case .running = phase { true } else { false }
    }

    var isStreaming: Bool { sink != nil }

    /// The response or error of a transfer that curl has ended with `code`.
    func response(_ code: CURLcode, _ handle: EasyHandle) -> Result<ClientResponse, ClientError> {
        if let exceededLimit { return .failure(exceededLimit) }
        if code == CURLE_OK {
            return .success(ClientResponse(status: head.status, headers: ClientHeaders(head.fields), body: body))
        }
        let attempt = FailedAttempt(
            url: url, connectTimeoutMilliseconds: connectTimeoutMilliseconds,
            timeoutMilliseconds: timeoutMilliseconds, bytesSent: handle.bytesSent, systemError: handle.systemError)
        return .failure(ClientError(code, attempt))
    }

    /// Passes the bytes received so far to the sink. Only the body of a 2xx response is streamed; the body of any other
    /// is kept, since it explains the error.
    func flushToSink() {
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
