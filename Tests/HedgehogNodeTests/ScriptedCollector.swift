import HTTP
import Reactor

@testable import HedgehogNode

/// A collector on the loop of the test that follows a script, one step for each request. It repeats the last step.
final class ScriptedCollector {
    enum Step {
        case answer(Int, fields: [String] = [], body: [UInt8] = [])
        case disconnect
        case silence
    }

    struct Request {
        let head: String
        let body: [UInt8]

        /// The value of the request's first header field of this name; nil if there is none.
        subscript(_ name: String) -> String? {
            head.split(separator: "\r\n").dropFirst().first { $0.lowercased().hasPrefix(name.lowercased() + ": ") }
                .map { String($0.dropFirst(name.count + 2)) }
        }
    }

    private var steps: [Step]
    private var listener: TCPListener?
    private(set) var requests: [Request] = []
    private(set) var connectionCount = 0

    init(loop: EventLoop, _ steps: [Step] = [.answer(200)]) throws {
        self.steps = steps
        listener = try TCPListener(loop: loop, address: SocketAddress("127.0.0.1:0")) { [unowned self] stream in
            connectionCount += 1
            stream.start(delegate: Caller(self))
        }
    }

    var address: String { listener?.address.description ?? "closed" }

    func stopListening() {
        listener?.close()
    }

    fileprivate func take(_ request: Request) -> Step {
        requests.append(request)
        return steps.count > 1 ? steps.removeFirst() : steps[0]
    }
}

private final class Caller: TCPStreamDelegate {
    private let collector: ScriptedCollector
    private var unread: [UInt8] = []

    init(_ collector: ScriptedCollector) {
        self.collector = collector
    }

    func stream(_ stream: TCPStream, didRead bytes: Span<UInt8>) {
        for index in bytes.indices { unread.append(bytes[index]) }
        guard let headEnd = unread.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound else { return }
        let head = String(decoding: unread[..<headEnd], as: UTF8.self)
        let request = ScriptedCollector.Request(head: head, body: [])
        let length = request["Content-Length"].flatMap { Int($0) } ?? 0
        guard unread.count >= headEnd + length else { return }
        let body = Array(unread[headEnd..<(headEnd + length)])
        unread.removeFirst(headEnd + length)
        switch collector.take(ScriptedCollector.Request(head: head, body: body)) {
        case .answer(let status, let fields, let body):
            let lines = ["HTTP/1.1 \(status) Reason", "Content-Length: \(body.count)"] + fields
            stream.write((Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body).span)
        case .disconnect: stream.close()
        case .silence: break
        }
    }

    func streamDidEnd(_ stream: TCPStream) { stream.close() }
    func stream(_ stream: TCPStream, didFail error: ReactorError) { stream.close() }
    func streamDidWrite(_ stream: TCPStream) {}
    func streamDidClose(_ stream: TCPStream) {}
}
