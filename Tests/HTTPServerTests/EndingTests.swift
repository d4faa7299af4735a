import HTTPServer
import Testing

@Suite struct EndingTests {
    @Test("A cut stream ends in a reset, not in something that looks whole")
    func cut() {
        let server = TestServer()
        let client = TestClient(port: server.port)
        client.send(wire("GET /cut HTTP/1.1\nHost: h\n\n"))
        let (bytes, ending) = client.receiveToEnd()
        #expect(!String(decoding: bytes, as: UTF8.self).hasSuffix("0\r\n\r\n"))
        #expect(ending == .reset)
        #expect(server.log == ["/cut 200 4 cut"])
    }

    @Test("The handler learns that a client has gone while it was working")
    func abandoned() {
        let server = TestServer()
        var client: TestClient? = TestClient(port: server.port)
        client?.send(wire("GET /hang HTTP/1.1\nHost: h\n\n"))
        #expect(server.eventually { server, _ in server.counters.requestsInFlight == 1 })
        client?.breakOnClose()
        client = nil
        #expect(server.eventually { server, _ in server.counters.openConnections == 0 })
        #expect(server.inside { $1.abandoned } == 1)
        // Its answer, late, goes nowhere.
        server.inside { $1.release() }
        #expect(server.log == ["/hang 0 0 cut"])
        #expect(server.inside { server, _ in server.counters.cutExchanges } == 1)
    }

    @Test("An idle connection is closed without a word")
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

    @Test("A request that only drips is answered 408, however steadily it drips")
    func slowRequest() {
        var limits = HTTPServerLimits.quick
        limits.requestMilliseconds = 150
        limits.idleMilliseconds = 60
        let server = TestServer(limits: limits)
        let client = TestClient(port: server.port)
        client.send(wire("PUT /echo HTTP/1.1\nHost: h\nContent-Length: 100000\n\n"))
        let dripping = server.eventually { server, _ in
            client.send("x")
            return server.counters.rejectedRequests == 1
        }
        #expect(dripping)
        let (bytes, ending) = client.receiveToEnd()
        #expect(
            readable(String(decoding: bytes, as: UTF8.self)).hasSuffix(
                "\nno: the request did not arrive within 150 ms of its first byte\n"))
        #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        #expect(ending == .end)
    }

    @Test("A client that does not take its answer is cut, and bounds what is held for it")
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
        let sent = try #require(server.inside { $1.sentBeforeRefusal })
        #expect(sent < 10_000_000)
        #expect(server.inside { $1.log }.first?.hasSuffix(" cut") == true)
    }

    @Test("A stream goes at the client's pace and arrives whole")
    func slowReader() {
        let server = TestServer()
        let client = TestClient(port: server.port, receiveBufferBytes: 4_096)
        client.send(wire("GET /stream/20000 HTTP/1.0\n\n"))
        #expect(server.eventually { $1.sentBeforeRefusal != nil })
        let (bytes, ending) = client.receiveToEnd()
        #expect(bytes.count >= 20_000_000)
        #expect(ending == .end)
        #expect(server.log == ["/stream/20000 200 20000000"])
    }

    @Test("Requests sent ahead wait at the client when enough wait here")
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

    @Test("Bodies of all connections together are bounded: the one too many is told, the others arrive")
    func crowd() {
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

    @Test("No further request is begun for a client that does not take its answers")
    func stalledPipeline() {
        var limits = HTTPServerLimits.quick
        limits.writeStallMilliseconds = 100
        let server = TestServer(limits: limits)
        let client = TestClient(port: server.port, receiveBufferBytes: 4_096)
        for _ in 0..<400 { client.send(wire("GET /big/100000 HTTP/1.1\nHost: h\n\n")) }
        #expect(server.eventually { server, _ in server.counters.writeStalls == 1 })
        #expect(server.inside { server, _ in server.counters.requests } < 200)
    }

    @Test("Many large answers sent ahead of a slow reader all arrive")
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

    @Test("One connection too many is told so; far too many are reset")
    func tooManyConnections() {
        var limits = HTTPServerLimits.quick
        limits.maximumConnections = 2
        limits.refusingConnections = 1
        let server = TestServer(limits: limits)
        let served = (0..<2).map { _ in TestClient(port: server.port) }
        for client in served {
            client.send(wire("GET /a HTTP/1.1\nHost: h\n\n"))
            #expect(client.receive(until: "/a\n").hasPrefix("HTTP/1.1 200"))
        }
        let third = TestClient(port: server.port)
        #expect(third.receive(until: "reached\n").hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
        let fourth = TestClient(port: server.port)
        #expect(fourth.receive() == .reset)
        #expect(third.receive() == .end)
        let counters = server.inside { server, _ in server.counters }
        #expect(counters.refusedConnections == 2)
        #expect(counters.acceptedConnections == 4)
    }

    @Test("A refused client that keeps sending still sees the answer")
    func lingering() {
        let server = TestServer()
        let client = TestClient(port: server.port)
        client.send(wire("PUT /small HTTP/1.1\nHost: h\nContent-Length: 100000\n\n"))
        client.send([UInt8](repeating: 120, count: 100_000))
        let (bytes, ending) = client.receiveToEnd()
        #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 413 "))
        #expect(ending == .end)
    }
}
