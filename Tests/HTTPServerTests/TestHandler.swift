import HTTP
import HTTPServer
import Reactor

/// A request handler for server tests. The first segment of a request's path selects how it responds; finished
/// exchanges are logged.
final class TestHandler: RequestHandler {
    private let loop: EventLoop
    private(set) var log: [String] = []
    private(set) var abandoned = 0
    private var hanging: [Exchange] = []
    /// The response bytes that a stream had sent when `send` first returned false.
    private(set) var sentBeforeBackpressure: Int?

    init(loop: EventLoop) {
        self.loop = loop
    }

    func maximumBodyBytes(for head: RequestHead) -> Int {
        path(head).hasPrefix("/small") ? 10 : 4 << 20
    }

    func handle(_ exchange: Exchange) {
        let segments = path(exchange.head).split(separator: "/")
        let number = segments.count > 1 ? Int(segments[1]) ?? 0 : 0
        switch segments.first {
        case "echo": answer(exchange, exchange.body)
        case "nothing": exchange.respond(status: .noContent, fields: [], body: [])
        case "unchanged": exchange.respond(status: .notModified, fields: Array("ETag: \"1\"\r\n".utf8), body: [])
        case "big": answer(exchange, [UInt8](repeating: 120, count: number))
        case "later": later(exchange, number)
        case "hang": hang(exchange)
        case "stream": StreamingAnswer(exchange, pieces: number) { self.sentBeforeBackpressure = $0 }.start()
        case "cut": cut(exchange)
        default: answer(exchange, Array("\(path(exchange.head))\n".utf8))
        }
    }

    func refuse(_ exchange: Exchange, _ rejection: Rejection) {
        exchange.respond(status: rejection.status, fields: [], body: Array("no: \(rejection.explanation)\n".utf8))
    }

    func exchangeDidFinish(_ exchange: Exchange) {
        let outcome = exchange.outcome
        let ending = outcome.wasCut ? " cut" : ""
        log.append("\(path(exchange.head)) \(outcome.status?.code ?? 0) \(outcome.responseBodyBytes)\(ending)")
    }

    /// Answers all requests to /hang that have not been answered yet.
    func release() {
        for exchange in hanging { answer(exchange, Array("released\n".utf8)) }
        hanging = []
    }

    private func answer(_ exchange: Exchange, _ body: [UInt8]) {
        exchange.respond(status: .ok, fields: Array("Content-Type: text/plain\r\n".utf8), body: body)
    }

    private func later(_ exchange: Exchange, _ milliseconds: Int) {
        let timer = Timer(loop: loop)
        timer.start(afterMilliseconds: UInt64(milliseconds)) {
            timer.close()
            self.answer(exchange, Array("later\n".utf8))
        }
    }

    private func hang(_ exchange: Exchange) {
        hanging.append(exchange)
        exchange.onAbandoned = { self.abandoned += 1 }
    }

    private func cut(_ exchange: Exchange) {
        exchange.startStream(status: .ok, fields: [])
        _ = exchange.send(Array("part".utf8))
        exchange.cut()
    }

    private func path(_ head: RequestHead) -> String {
        String(decoding: head.bytes[head.path], as: UTF8.self)
    }
}

/// A streamed response of 1,000-byte pieces, sent as fast as the client reads them.
private final class StreamingAnswer {
    private let exchange: Exchange
    private var piecesLeft: Int
    private var sentBytes = 0
    private var onBackpressure: ((Int) -> Void)?

    init(_ exchange: Exchange, pieces: Int, onBackpressure: @escaping (Int) -> Void) {
        self.exchange = exchange
        piecesLeft = pieces
        self.onBackpressure = onBackpressure
    }

    func start() {
        exchange.startStream(status: .ok, fields: [])
        exchange.onWritable = { self.sendMore() }
        sendMore()
    }

    private func sendMore() {
        while piecesLeft > 0, exchange.isOpen {
            piecesLeft -= 1
            sentBytes += 1_000
            if !exchange.send([UInt8](repeating: 97, count: 1_000)) {
                onBackpressure?(sentBytes)
                onBackpressure = nil
                return
            }
        }
        exchange.finishStream()
    }
}
