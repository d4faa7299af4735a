import HTTPServer
import Testing

@Suite struct EndingTests {
    @Test("A cut stream ends with a reset, so that it does not look complete")
    func cut() {
        let server = TestServer()
        let client = TestClient(port: server.port)
        client.send(wire("GET /cut HTTP/1.1\nHost: h\n\n"))
        let (bytes, ending) = client.receiveToEnd()
        #expect(!String(decoding: bytes, as: UTF8.self).hasSuffix("0\r\n\r\n"))
        #expect(ending == .reset)
        #expect(server.log == ["/cut 200 4 cut"])
    }

    @Test("The handler is told when a client disconnects before its response")
    func abandoned() {
        let server = TestServer()
        var client: TestClient? = TestClient(port: server.port)
        client?.send(wire("GET /hang HTTP/1.1\nHost: h\n\n"))
        #expect(server.eventually { server, _ in server.counters.requestsInFlight == 1 })
        client?.resetOnClose()
        client = nil
        #expect(server.eventually { server, _ in server.counters.openConnections == 0 })
        #expect(server.inside { $1.abandoned } == 1)
        // A handler's response after the client has disconnected has no effect.
        server.inside { $1.release() }
        #expect(server.log == ["/hang 0 0 cut"])
        #expect(server.inside { server, _ in server.counters.cutExchanges } == 1)
    }

    @Test("An idle connection is closed without a response")
    func idle() {
        var limits = HTTPServerLimits.quick
        limits.idleMilliseconds = 50
        let server = TestServer(limits: limits)
        let silent = TestClient(port: server.port)
        #expect(silent.receive() == .end)
        let served = TestClient(port: server.port)
        served.send(wire("GET /a HTTP/1.1\nHost: h\n\n"))
        #expect(readable(served.receive(until: "/a\n")).hasSuffix("\n\n/a\n"))
        #expect(served.receive() == .end)
        #expect(server.inside { server, _ in server.counters.idleTimeouts } == 2)
    }

    @Test("A head that takes too long or a body that arrives too slowly is answered 408", arguments: [
        ("PUT /echo HTTP/1.1\nHost: h\nContent-Length: 4000000\n\n",
            "the body arrived at less than the 1000000 bytes per second required, over 150 ms"),
        ("PUT /echo HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\nfffff\n",
            "the body arrived at less than the 1000000 bytes per second required, over 150 ms"),
        ("GET /", "the head of the request did not arrive within 150 ms of its first byte"),
    ])
    func slowRequest(beginning: String, reason: String) {
        var limits = HTTPServerLimits.quick
        limits.requestMilliseconds = 150
        limits.idleMilliseconds = 60
        limits.minimumBodyBytesPerSecond = 1_000_000
        let server = TestServer(limits: limits)
        let client = TestClient(port: server.port)
        client.send(wire(beginning))
        let wasRejected = server.eventually { server, _ in
            client.send("x")
            return server.counters.rejectedRequests == 1
        }
        #expect(wasRejected)
        let (bytes, ending) = client.receiveToEnd()
        #expect(readable(String(decoding: bytes, as: UTF8.self)).hasSuffix("\nno: \(reason)\n"))
        #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        #expect(ending == .end)
    }

    @Test("A body that keeps coming may take several times the limit")
    func steadyRequest() {
        var limits = HTTPServerLimits.quick
        limits.requestMilliseconds = 1_000
        limits.idleMilliseconds = 60
        limits.minimumBodyBytesPerSecond = 10
        let server = TestServer(limits: limits)
        let client = TestClient(port: server.port)
        client.send(wire("PUT /echo HTTP/1.1\nHost: h\nContent-Length: 1500\nConnection: close\n\n"))
        for _ in 1...30 { client.send([UInt8](repeating: 120, count: 50), afterMilliseconds: 100) }
        let (bytes, ending) = client.receiveToEnd()
        #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 200 "))
        #expect(ending == .end)
    }

    @Test("A body that stops coming is answered 408, however fast its beginning arrived")
    func stoppedRequest() {
        var limits = HTTPServerLimits.quick
        limits.requestMilliseconds = 150
        let server = TestServer(limits: limits)
        let client = TestClient(port: server.port)
        client.send(wire("PUT /echo HTTP/1.1\nHost: h\nContent-Length: 4000000\n\n"))
        client.send([UInt8](repeating: 120, count: 3_000_000))
        #expect(client.receive(until: "150 ms\n").hasPrefix("HTTP/1.1 408 "))
    }

    @Test("A HEAD request that is refused at its request line is answered without a body", arguments: [
        "HEAD /\(String(repeating: "x", count: 20_000)) HTTP/1.1\nHost: h\n\n", "HEAD / HTTP/2.0\nHost: h\n\n",
        "HEAD /a b HTTP/1.1\n\n", "HEAD * HTTP/1.1\n\n", "HEAD /unfinished",
    ])
    func refusedHead(request: String) {
        var limits = HTTPServerLimits.quick
        limits.requestMilliseconds = 100
        let server = TestServer(limits: limits)
        let client = TestClient(port: server.port)
        client.send(wire(request))
        let (bytes, ending) = client.receiveToEnd()
        let response = String(decoding: bytes, as: UTF8.self)
        #expect(response.hasPrefix("HTTP/1.1 4") || response.hasPrefix("HTTP/1.1 5"))
        #expect(response.contains("\r\nContent-Length: "))
        #expect(response.hasSuffix("\r\n\r\n"))
        #expect(ending == .end)
    }

    @Test("A client that does not read its response is reset, and the bytes held for it are limited")
    func stalledReader() throws {
        var limits = HTTPServerLimits.quick
        limits.writeStallMilliseconds = 100
        let server = TestServer(limits: limits)
        let client = TestClient(port: server.port, receiveBufferBytes: 4_096)
        client.send(wire("GET /stream/100000 HTTP/1.1\nHost: h\n\n"))
        #expect(server.eventually { server, _ in server.counters.writeStalls == 1 })
        let (bytes, ending) = client.receiveToEnd()
        #expect(ending == .reset)
        #expect(bytes.count < 10_000_000)
        let sent = try #require(server.inside { $1.sentBeforeBackpressure })
        #expect(sent < 10_000_000)
        #expect(server.inside { $1.log }.first?.hasSuffix(" cut") == true)
    }

    @Test("A stream adapts to a slow reader and arrives completely")
    func slowReader() {
        let server = TestServer()
        let client = TestClient(port: server.port, receiveBufferBytes: 4_096)
        client.send(wire("GET /stream/20000 HTTP/1.0\n\n"))
        #expect(server.eventually { $1.sentBeforeBackpressure != nil })
        let (bytes, ending) = client.receiveToEnd()
        #expect(bytes.count >= 20_000_000)
        #expect(ending == .end)
        #expect(server.log == ["/stream/20000 200 20000000"])
    }

    @Test("Requests sent ahead wait at the client while the backlog is full")
    func pipelineBounded() {
        var limits = HTTPServerLimits.quick
        limits.pipelinedBytes = 1_000
        let server = TestServer(limits: limits)
        let client = TestClient(port: server.port)
        client.send(wire("GET /hang HTTP/1.1\nHost: h\n\n"))
        for _ in 0..<200 { client.send(wire("GET /a HTTP/1.1\nHost: h\n\n")) }
        client.finishSending()
        #expect(server.eventually { server, _ in server.counters.requestsInFlight == 1 })
        server.inside { $1.release() }
        let (bytes, _) = client.receiveToEnd()
        let lines = readable(String(decoding: bytes, as: UTF8.self)).split(separator: "\n")
        #expect(lines.filter { $0 == "/a" }.count == 200)
        #expect(server.log.count == 201)
    }

    @Test("The bodies of all connections share one limit: the request that exceeds it is rejected, the others arrive")
    func bodyBudget() {
        var limits = HTTPServerLimits.quick
        limits.heldBodyBytes = 150_000
        let server = TestServer(limits: limits)
        let request = wire("PUT /echo HTTP/1.1\nHost: h\nContent-Length: 100001\n\n")
        let part = String(repeating: "x", count: 100_000)
        let first = TestClient(port: server.port)
        first.send(request + part)
        #expect(server.eventually { server, _ in server.counters.heldBodyBytes >= 100_000 })
        let second = TestClient(port: server.port)
        second.send(request + part)
        let (bytes, _) = second.receiveToEnd()
        #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
        first.send("x")
        #expect(readable(first.receive(until: part + "x")).hasPrefix("HTTP/1.1 200 OK\n"))
        #expect(server.eventually { server, _ in server.counters.heldBodyBytes == 0 })
    }

    @Test("No further request begins for a client that does not read its responses")
    func stalledPipeline() {
        var limits = HTTPServerLimits.quick
        limits.writeStallMilliseconds = 100
        let server = TestServer(limits: limits)
        let client = TestClient(port: server.port, receiveBufferBytes: 4_096)
        for _ in 0..<400 { client.send(wire("GET /big/100000 HTTP/1.1\nHost: h\n\n")) }
        #expect(server.eventually { server, _ in server.counters.writeStalls == 1 })
        #expect(server.inside { server, _ in server.counters.requests } < 200)
    }

    @Test("Many large pipelined responses to a slow reader all arrive")
    func slowPipeline() {
        let server = TestServer()
        let client = TestClient(port: server.port, receiveBufferBytes: 4_096)
        for _ in 0..<100 { client.send(wire("GET /big/100000 HTTP/1.1\nHost: h\n\n")) }
        client.finishSending()
        #expect(server.eventually { server, _ in server.counters.requests > 0 })
        let (bytes, ending) = client.receiveToEnd()
        #expect(bytes.count >= 10_000_000)
        #expect(ending == .end)
        #expect(server.log.count == 100)
    }

    @Test("A connection beyond the limit is answered 503, and one far beyond it is reset")
    func tooManyConnections() {
        var limits = HTTPServerLimits.quick
        limits.maximumConnections = 2
        limits.rejectingConnections = 1
        let server = TestServer(limits: limits)
        let served = (0..<2).map { _ in TestClient(port: server.port) }
        for client in served {
            client.send(wire("GET /a HTTP/1.1\nHost: h\n\n"))
            #expect(client.receive(until: "/a\n").hasPrefix("HTTP/1.1 200"))
        }
        let third = TestClient(port: server.port)
        #expect(third.receive(until: "shortly\n").hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
        let fourth = TestClient(port: server.port)
        #expect(fourth.receive() == .reset)
        #expect(third.receive() == .end)
        let counters = server.inside { server, _ in server.counters }
        #expect(counters.refusedConnections == 2)
        #expect(counters.acceptedConnections == 4)
    }

    @Test("A refused client that sends its whole body first still receives the response", arguments: [
        "Content-Length: %", "Transfer-Encoding: chunked",
    ], [100_000, 5 << 20, 40 << 20])
    func lingering(framing: String, bodyBytes: Int) {
        let server = TestServer()
        let client = TestClient(port: server.port)
        let fields = framing.replacing("%", with: "\(bodyBytes)")
        client.send(wire("PUT /small HTTP/1.1\nHost: h\n\(fields)\n\n"))
        if framing.hasSuffix("chunked") { client.send("\(String(bodyBytes, radix: 16))\r\n") }
        client.send([UInt8](repeating: 120, count: bodyBytes))
        let (bytes, ending) = client.receiveToEnd()
        #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 413 "))
        #expect(ending == .end)
        #expect(server.inside { server, _ in server.counters.heldBodyBytes } == 0)
    }

    @Test("A refused client that sends more than is discarded is held back and finds the response")
    func heldBack() {
        var limits = HTTPServerLimits.quick
        limits.lingerBytes = 1 << 20
        limits.lingerMilliseconds = 500
        let server = TestServer(limits: limits)
        let client = TestClient(port: server.port)
        client.send(wire("PUT /small HTTP/1.1\nHost: h\nContent-Length: 1000000000\n\n"))
        #expect(server.eventually { server, _ in server.counters.rejectedRequests == 1 })
        client.sendWhatFits(1 << 30)
        #expect(client.receive(until: "allowed\n").hasPrefix("HTTP/1.1 413 "))
        #expect(server.eventually { server, _ in server.counters.openConnections == 0 })
    }

    @Test("A refused client that sends without end is disconnected in the end", arguments: [false, true])
    func lingersBriefly(drains: Bool) {
        var limits = HTTPServerLimits.quick
        limits.lingerMilliseconds = drains ? 200 : 20_000
        limits.lingerTotalMilliseconds = drains ? 20_000 : 200
        let server = TestServer(limits: limits)
        let client = TestClient(port: server.port)
        client.send(wire("PUT /small HTTP/1.1\nHost: h\nContent-Length: 1000000000\n\n"))
        #expect(server.eventually { server, _ in server.counters.rejectedRequests == 1 })
        let drained = drains ? server.drain() : {}
        let isClosed = server.eventually { server, _ in
            client.sendWhatFits(1_000)
            return server.counters.openConnections == 0
        }
        #expect(isClosed)
        drained()
    }
}
