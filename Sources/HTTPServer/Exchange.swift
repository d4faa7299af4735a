internal import Base
package import HTTP
internal import Reactor

/// One request and its answer. Loop-bound. Once the client has gone or the server has cut the connection, everything
/// said here goes nowhere, quietly; `isOpen` and `onAbandoned` tell. Answering twice is a bug and traps.
///
/// `respond`, `finishStream` and `cut` end the exchange: the handler hears `exchangeDidFinish` before they return.
package final class Exchange {
    package struct Outcome: Sendable {
        /// Nil when the exchange was cut before it was answered.
        package fileprivate(set) var status: Status?
        package fileprivate(set) var responseBodyBytes = 0
        /// Head and body, framing included, as they came.
        package let requestBytes: Int
        /// The client got no answer, or only part of one.
        package fileprivate(set) var wasCut = false
    }

    package let head: RequestHead
    /// The handler may move it out.
    package var body: [UInt8]
    /// On the monotonic clock. For a request that waited behind another on its connection: when its turn came.
    package let receivedAtNanoseconds: UInt64
    /// The client's address and port.
    package let peer: String
    /// The handler's own, untouched here.
    package var attachment: AnyObject?
    package private(set) var outcome: Outcome

    /// Called when `send` has said false and the client has then taken enough.
    package var onWritable: (() -> Void)?
    /// Called when the connection breaks before the answer is complete; `exchangeDidFinish` follows.
    package var onAbandoned: (() -> Void)?

    private enum Stage { case waiting, streamingChunks, streamingToClose, streamingNothing, finished }
    private var stage = Stage.waiting
    private var awaitsWritable = false
    private var connection: Connection?
    private let isLast: Bool
    /// Whether the connection serves another request after this one; decided when the head of the answer is written.
    private var keepsAlive = false

    /// `isLast`: whatever the head says, the connection closes after this one.
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

    /// Whether an answer, or the rest of one, can still reach the client.
    package var isOpen: Bool { stage != .finished }
}

// MARK: A whole answer

extension Exchange {
    /// `fields` are encoded field lines, each with its line end. Date, Content-Length and Connection are the server's.
    /// The body of an answer to HEAD gives its length and stays here; 204 and 304 have none.
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
        precondition(stage == .waiting, "an answer was begun while another was under way")
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
        if !keepsAlive {
            output.append("Connection: close\r\n")
        } else if head.minorVersion == 0 {
            output.append("Connection: keep-alive\r\n")
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

// MARK: An answer in pieces

extension Exchange {
    /// Chunked in HTTP/1.1; to an older client the end of the connection is the end of the body.
    package func startStream(status: Status, fields: [UInt8]) {
        precondition(status.allowsBody, "a status without a body cannot be streamed")
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

    /// False: enough waits for the client; go on when `onWritable` is called. The bytes are taken in either case.
    package func send(_ bytes: [UInt8]) -> Bool {
        guard let connection else { return false }
        switch stage {
        case .streamingNothing: return true
        case .streamingChunks: connection.write { $0.appendChunk(bytes.span) }
        case .streamingToClose: connection.write { $0.append(bytes.span) }
        case .waiting, .finished: preconditionFailure("part of a body came before startStream")
        }
        outcome.responseBodyBytes += bytes.count
        connection.flush()
        awaitsWritable = connection.isBehind
        return !awaitsWritable
    }

    package func finishStream() {
        guard let connection else { return precondition(outcome.wasCut, "a stream was finished twice") }
        precondition(stage != .waiting, "a stream was finished before it was started")
        if stage == .streamingChunks { connection.write { $0.appendLastChunk() } }
        finish(connection)
    }

    /// Breaks the connection, so that the client cannot take what it has for the whole.
    package func cut() {
        onAbandoned = nil
        connection?.drop(.reset)
    }

    /// From the connection, when the kernel has taken some of what waited.
    func connectionDidWrite(_ connection: Connection) {
        guard awaitsWritable, connection.hasCaughtUp else { return }
        awaitsWritable = false
        onWritable?()
    }

    /// From the connection, when it breaks.
    func abandon() {
        precondition(isOpen, "an exchange was cut that had finished")
        outcome.wasCut = true
        let tell = onAbandoned
        release()
        tell?()
    }
}

extension Status {
    /// RFC 9110, 6.4.1, as far as our statuses go.
    fileprivate var allowsBody: Bool { self != .noContent && self != .notModified }
}
