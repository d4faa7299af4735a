import Base
import Cluster
import HTTP
import HTTPServer
import Reactor
import Testing

@testable import HedgehogNode

@Suite struct PeerTransportTests {
    @Test("A message and its answer arrive byte for byte", arguments: [0, 1, 70_000, 3_000_000])
    func wholeMessages(count: Int) throws {
        let message = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let exchange = try PeerExchange(status: .ok, body: Array(message.reversed()))
        let answer = exchange.send(message, over: .writes)
        #expect(exchange.requests.map(\.body) == [message])
        #expect(answer == .success(Array(message.reversed())))
    }

    @Test("Heartbeats have their own path, all other lanes share one", arguments: [
        (.reads, "/internal/v1/replicate"), (.writes, "/internal/v1/replicate"), (.bulk, "/internal/v1/replicate"),
        (.gossip, "/internal/v1/gossip"),
    ] as [(PeerLane, String)])
    func paths(lane: PeerLane, path: String) throws {
        let exchange = try PeerExchange(status: .ok, body: [])
        _ = exchange.send([1], over: lane)
        #expect(exchange.requests.map(\.path) == [path])
    }

    @Test("Every message carries the cluster secret if there is one")
    func secret() throws {
        let exchange = try PeerExchange(status: .ok, body: [], secret: "s3cret")
        _ = exchange.send([1], over: .gossip)
        #expect(exchange.requests.map(\.secret) == ["s3cret"])
        let plain = try PeerExchange(status: .ok, body: [])
        _ = plain.send([1], over: .gossip)
        #expect(plain.requests.map(\.secret) == [nil])
    }

    @Test("The status tells whether the message may have been applied", arguments: [
        (.badRequest, .rejected("why")), (.forbidden, .rejected("why")), (.conflict, .rejected("why")),
        (.serviceUnavailable, .rejected("why")), (.notFound, .broken("status 404: why")),
    ] as [(Status, PeerFailure)])
    func statuses(status: Status, failure: PeerFailure) throws {
        let exchange = try PeerExchange(status: status, body: Array(#"{"error":"why","request_id":"x"}"#.utf8))
        #expect(exchange.send([1], over: .reads) == .failure(failure))
    }

    @Test("An answer that is not from a node is a rejection with its status")
    func foreignServer() throws {
        let exchange = try PeerExchange(status: .badRequest, body: Array("<html>".utf8))
        #expect(exchange.send([1], over: .reads) == .failure(.rejected("status 400")))
    }

    @Test("A port without a listener is reported as a refused connection")
    func refused() throws {
        let exchange = try PeerExchange(status: .ok, body: [])
        #expect(exchange.send([1], over: .reads, to: "127.0.0.1:1") == .failure(.refused))
    }

    @Test("A peer that does not answer times out, and the message may have arrived")
    func silence() throws {
        let exchange = try PeerExchange(status: nil, body: [])
        let answer = exchange.send([1], over: .writes, timeoutMilliseconds: 50)
        #expect(answer == .failure(.timedOut) && PeerFailure.timedOut.mayHaveArrived)
    }

    @Test("An invalid address is reported without asking a name resolver", arguments: [
        "node-2:8081", "127.0.0.1", "", "0.0.0.0:8081", "127.0.0.1:0", "127.0.0.1:80/x?",
    ])
    func addresses(address: String) throws {
        let exchange = try PeerExchange(status: .ok, body: [])
        #expect(exchange.send([1], over: .reads, to: address)
            == .failure(.unreachable("\"\(address)\" is not a numeric address with a port")))
        #expect(exchange.requests.isEmpty)
    }

    @Test("Sent and received bytes are counted by address; messages that are not sent are not counted")
    func traffic() throws {
        let exchange = try PeerExchange(status: .ok, body: [1, 2, 3])
        _ = exchange.send([1], over: .reads)
        _ = exchange.send([1, 2, 3, 4], over: .gossip)
        #expect(Array(exchange.transport.traffic.values) == [.init(sentBytes: 5, receivedBytes: 6)])
        _ = exchange.send([1], over: .reads, to: "nowhere")
        #expect(exchange.transport.traffic.count == 1)
    }

    @Test("The number of concurrent requests to one peer is bounded")
    func bound() throws {
        let exchange = try PeerExchange(status: .ok, body: [])
        let answers = exchange.send(copies: TransportLimits.requestsPerPeer + 2, of: [1])
        #expect(answers.filter { $0 == .success([]) }.count == TransportLimits.requestsPerPeer)
        #expect(exchange.transport.bytesInFlight == 0)
        #expect(exchange.send([1], over: .reads) == .success([]))
    }
}

/// A transport and a server on one loop, which the test's thread runs while it waits for answers.
private final class PeerExchange {
    struct Request: Equatable {
        let path: String
        let body: [UInt8]
        let secret: String?
    }

    typealias Answer = Result<[UInt8], PeerFailure>

    let transport: HTTPPeerTransport
    private let loop: EventLoop
    private let handler: Recorder
    private let server: Server
    private let address: String

    /// Starts a server that answers every request with this status and body, or never answers if `status` is nil.
    init(status: Status?, body: [UInt8], secret: String? = nil) throws {
        loop = try EventLoop()
        handler = Recorder(status: status, body: body)
        server = Server(loop: loop, handler: handler)
        address = try server.listen(on: SocketAddress("127.0.0.1:0")).description
        transport = HTTPPeerTransport(loop: loop, secret: secret.flatMap { ClusterSecret(Array($0.utf8)) })
    }

    deinit {
        transport.close()
        server.closeRemaining()
        loop.close()
    }

    var requests: [Request] { handler.requests }

    func send(
        _ message: [UInt8], over lane: PeerLane, to address: String? = nil, timeoutMilliseconds: UInt64 = 5_000
    ) -> Answer? {
        var answer: Answer?
        transport.send(message, over: lane, to: address ?? self.address, timeoutMilliseconds: timeoutMilliseconds) {
            answer = $0
            self.loop.stop()
        }
        #expect(answer == nil, "a completion came before its call had returned")
        loop.run()
        return answer
    }

    func send(copies: Int, of message: [UInt8]) -> [Answer] {
        var answers: [Answer] = []
        for _ in 0..<copies {
            transport.send(message, over: .reads, to: address, timeoutMilliseconds: 5_000) {
                answers.append($0)
                if answers.count == copies { self.loop.stop() }
            }
        }
        loop.run()
        return answers
    }
}

private final class Recorder: RequestHandler {
    private let status: Status?
    private let body: [UInt8]
    private(set) var requests: [PeerExchange.Request] = []
    private var unanswered: [Exchange] = []

    init(status: Status?, body: [UInt8]) {
        self.status = status
        self.body = body
    }

    func maximumBodyBytes(for head: RequestHead) -> Int { TransportLimits.messageBytes }

    func handle(_ exchange: Exchange) {
        let head = exchange.head
        var secret: String?
        if case .single(let range) = head.values(of: .xClusterSecret) {
            secret = String(decoding: head.bytes[range], as: UTF8.self)
        }
        let path = String(decoding: head.bytes[head.path], as: UTF8.self)
        requests.append(PeerExchange.Request(path: path, body: exchange.body, secret: secret))
        guard let status else { return unanswered.append(exchange) }
        exchange.respond(status: status, fields: [], body: body)
    }

    func refuse(_ exchange: Exchange, _ rejection: Rejection) {
        Issue.record("the server refused a message: \(rejection)")
        exchange.respond(status: rejection.status, fields: [], body: [])
    }

    func exchangeDidFinish(_ exchange: Exchange) {}
}
