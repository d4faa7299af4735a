internal import Base
package import HTTP
internal import Reactor

/// One request and its response. Loop thread only. After the client has disconnected or the server has cut the
/// connection, responding has no effect; `isOpen` and `onAbandoned` report that. Responding twice is a bug and traps.
///
/// `respond`, `finishStream` and `cut` end the exchange: the handler's `exchangeDidFinish` is called before they
/// return.
package final class Exchange {
    /// The result of a request: the status of its response, sizes, and whether the response was cut short. Final once
    /// the handler's `exchangeDidFinish` is called.
    package struct Outcome: Sendable {
        /// The response's status; nil when the exchange was cut before a response began.
        package fileprivate(set) var status: Status?
        package fileprivate(set) var responseBodyBytes = 0
        /// Bytes of the request's head and body as received, framing included.
        package let requestBytes: Int
        /// Whether the client received no response or only part of one.
        package fileprivate(set) var wasCut = false
    }

    package let head: RequestHead
    /// The request's body without its framing. The handler may move it out.
    package var body: [UInt8]
    /// When the first byte of the request was parsed, on the monotonic clock. A request that was sent ahead waits until
    /// the one before it is answered; that wait is not included.
    package let receivedAtNanoseconds: UInt64
    /// The client's address and port.
    package let peer: String
    /// An object that the handler may attach to the request; the server does not use it.
    package var attachment: AnyObject?
    package private(set) var outcome: Outcome

    /// Called on the loop after `send` has returned false, once the client has taken enough of the waiting bytes.
    package var onWritable: (() -> Void)?
    /// Called on the loop when the connection ends before the response is complete; `exchangeDidFinish` follows.
    package var onAbandoned: (() -> Void)?

    private enum Stage { case waiting, streamingChunks, streamingToClose, streamingNothing, finished }
    private var stage = Stage.waiting
    private var awaitsWritable = false
    private var connection: Connection?
    private let isLast: Bool
    /// Whether the connection stays open after this exchange. Decided when the head of the response is written.
    private var keepsAlive = false

    /// If `isLast` is true, the connection closes after the response, even if the request asks to keep it open.
    init(
        connection: Connection, head: RequestHead, body: [UInt8], receivedAtNanoseconds: UInt64, requestBytes: Int,
        isLast: Bool
    ) {
        self.connection = connection
        self.head = head
        self.body = body
        self.receivedAtNanoseconds = receivedAtNanoseconds
        self.isLast = isLast
        peer = connection.peer
        outcome = Outcome(requestBytes: requestBytes)
    }

    /// Whether a response, or the rest of one, can still reach the client.
    package var isOpen: Bool { stage != .finished }
}

// MARK: Complete response

extension Exchange {
    /// Sends a complete response and ends the exchange. `fields` are encoded field lines, each with its line end; the
    /// server adds Date, Content-Length and Connection. In a response to HEAD, `body` only determines the length; 204
    /// and 304 have neither length nor body.
    package func respond(status: Status, fields: [UInt8], body: [UInt8]) {
        guard let connection = begin(.finished, status) else { return }
        keepsAlive = head.keepsAlive && !isLast && !connection.isEnding
        connection.write { output in
            appendHead(status, fields, connection, to: &output)
            if status.allowsBody { output.appendContentLength(body.count) }
            output.appendEndOfHead()
        }
        if status.allowsBody, head.method != .head {
            outcome.responseBodyBytes = body.count
            connection.write(body: body)
        }
        finish(connection)
    }

    private func begin(_ next: Stage, _ status: Status) -> Connection? {
        guard let connection else {
            precondition(outcome.wasCut, "a request was answered twice")
            return nil
        }
        precondition(stage == .waiting, "a response began while another was under way")
        stage = next
        outcome.status = status
        return connection
    }

    private func appendHead(
        _ status: Status, _ fields: [UInt8], _ connection: Connection, to output: inout [UInt8]
    ) {
        output.appendStatusLine(status)
        output.append(fields.span)
        connection.appendDate(to: &output)
        if keepsAlive {
            output.append(contentsOf: connection.server.keepAliveFields)
        } else {
            output.append("Connection: close\r\n")
        }
    }

    private func finish(_ connection: Connection) {
        release()
        connection.didFinish(self, keepsAlive: keepsAlive)
    }

    private func release() {
        stage = .finished
        connection = nil
        onWritable = nil
        onAbandoned = nil
    }
}

// MARK: Streamed response

extension Exchange {
    /// Begins a response whose body follows in pieces. HTTP/1.1 clients receive it chunked; for HTTP/1.0 clients the
    /// end of the connection ends the body.
    package func startStream(status: Status, fields: [UInt8]) {
        precondition(status.allowsBody, "a response without a body cannot be streamed")
        let isChunked = head.minorVersion > 0
        let next: Stage = head.method == .head ? .streamingNothing : isChunked ? .streamingChunks : .streamingToClose
        guard let connection = begin(next, status) else { return }
        keepsAlive = head.keepsAlive && isChunked && !isLast && !connection.isEnding
        connection.write { output in
            appendHead(status, fields, connection, to: &output)
            if isChunked { output.appendChunkedEncoding() }
            output.appendEndOfHead()
        }
    }

    /// Sends a piece of the body. Returns false when the connection is backpressured: continue when `onWritable` is
    /// called. The bytes are accepted in either case.
    package func send(_ bytes: [UInt8]) -> Bool {
        guard let connection else { return false }
        switch stage {
        case .streamingNothing: return true
        case .streamingChunks: connection.write { $0.appendChunk(bytes.span) }
        case .streamingToClose: connection.write { $0.append(bytes.span) }
        case .waiting, .finished: preconditionFailure("send was called before startStream")
        }
        outcome.responseBodyBytes += bytes.count
        connection.flush()
        awaitsWritable = connection.isBackpressured
        return !awaitsWritable
    }

    /// Ends a streamed response and the exchange.
    package func finishStream() {
        guard let connection else { return precondition(outcome.wasCut, "a stream was finished twice") }
        precondition(stage != .waiting, "a stream was finished before it was started")
        if stage == .streamingChunks { connection.write { $0.appendLastChunk() } }
        finish(connection)
    }

    /// Resets the connection, so that the client cannot mistake a partial response for a complete one.
    package func cut() {
        onAbandoned = nil
        connection?.drop(.reset)
    }

    /// Called by the connection when the kernel has taken some of the waiting bytes.
    func connectionDidWrite(_ connection: Connection) {
        guard awaitsWritable, connection.isWritable else { return }
        awaitsWritable = false
        onWritable?()
    }

    /// Called by the connection when it ends before the response is complete.
    func abandon() {
        precondition(isOpen, "an exchange that had finished was abandoned")
        outcome.wasCut = true
        let handler = onAbandoned
        release()
        handler?()
    }
}

extension Status {
    /// Whether a response with this status may have a body (RFC 9110, 6.4.1), for the statuses that `Status` has.
    package var allowsBody: Bool { self != .noContent && self != .notModified }
}
