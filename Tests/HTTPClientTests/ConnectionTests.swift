import HTTPClient
import Reactor
import Testing

private let ok = "HTTP/1.1 200 OK\nContent-Length: 2\n\nok"

@Suite struct ConnectionTests {
    @Test("Sequential requests share one connection, also to a host name")
    func reuse() throws {
        let server = ScriptedServer(answering: ok)
        defer { server.stopListening() }
        let run = try ClientRun()
        for _ in 0..<20 { #expect(run.get(server.url).body == "ok") }
        #expect(server.connectionCount == 1)
        #expect(run.client.openConnectionCount == 1)
        // The server has IPv4 only; a resolver that prefers IPv6 makes curl try that first.
        for _ in 0..<5 { #expect(run.get("http://localhost:\(server.port)/").body == "ok") }
        #expect(server.connectionCount == 2)
        #expect(run.client.openConnectionCount == 2)
    }

    @Test("Concurrent requests each get their own response, and their connections are reused")
    func manyInFlight() throws {
        let server = ScriptedServer { peer, _ in
            while let request = peer.readRequest() {
                peer.write("HTTP/1.1 200 OK\r\nContent-Length: \(request.path.utf8.count)\r\n\r\n\(request.path)")
            }
        }
        defer { server.stopListening() }
        let run = try ClientRun()
        for round in 0..<5 {
            let paths = (0..<100).map { "/\(round)/\($0)" }
            let answers = run.send(paths.map { ClientRequest(.get, url: server.url + $0) })
            #expect(answers.map(\.body) == paths)
        }
        #expect(server.connectionCount <= 100)
        #expect(server.requests.count == 500)
    }

    @Test("A request beyond the limit fails, and succeeds again once another has ended")
    func bounded() throws {
        let server = ScriptedServer(answering: ok)
        defer { server.stopListening() }
        var limits = HTTPClientLimits()
        limits.maximumInFlight = 3
        let run = try ClientRun(limits: limits)
        let answers = run.send((0..<5).map { _ in ClientRequest(.get, url: server.url) })
        #expect(answers.map(\.body) == ["ok", "ok", "ok", nil, nil])
        #expect(answers.compactMap(\.error) == [.tooManyInFlight(limit: 3), .tooManyInFlight(limit: 3)])
        #expect(run.get(server.url).body == "ok")
    }

    @Test("Idle connections closed by the server are replaced, and the loop sleeps between requests")
    func closedBetween() throws {
        let server = ScriptedServer { peer, _ in
            _ = peer.readRequest()
            peer.write(wire(ok))
        }
        defer { server.stopListening() }
        let run = try ClientRun()
        var iterations = 0
        run.loop.addIterationHook { _ in iterations += 1 }
        for number in 1...5 {
            #expect(run.get(server.url).body == "ok")
            #expect(server.connectionCount == number)
            iterations = 0
            run.runLoop(milliseconds: 30)
            #expect(iterations < 20)
        }
    }

    @Test("A reused connection that dies on its next request is replaced without an error")
    func closedOnUse() throws {
        let server = ScriptedServer { peer, number in
            _ = peer.readRequest()
            peer.write(wire(ok))
            guard peer.readRequest() != nil, number > 1 else { return }
            peer.write(wire(ok))
        }
        defer { server.stopListening() }
        let run = try ClientRun()
        #expect(run.get(server.url).body == "ok")
        #expect(run.get(server.url).body == "ok")
        #expect(server.connectionCount == 2)
        #expect(server.requests.count == 3)
    }

    @Test("After a server has closed many idle connections, the next requests still succeed")
    func manyClosedBetween() throws {
        let hasClosed = Gate()
        let server = ScriptedServer { peer, number in
            _ = peer.readRequest()
            peer.write(wire(ok))
            while number > 20, peer.readRequest() != nil { peer.write(wire(ok)) }
            peer.end()
            hasClosed.open()
        }
        defer { server.stopListening() }
        let run = try ClientRun()
        let answers = run.send((0..<20).map { _ in ClientRequest(.get, url: server.url) })
        #expect(answers.allSatisfy { $0.body == "ok" })
        for _ in 0..<20 { hasClosed.wait() }
        for _ in 0..<5 { #expect(run.get(server.url).body == "ok") }
        #expect(server.connectionCount == 21)
    }

    @Test("Bytes sent by a server without a request end the connection and are not taken for a response")
    func unsolicited() throws {
        let isIdle = Gate()
        let hasEnded = Gate()
        let server = ScriptedServer { peer, number in
            _ = peer.readRequest()
            peer.write(wire(number == 1 ? ok : "HTTP/1.1 200 OK\nContent-Length: 5\n\nfresh"))
            guard number == 1 else { return peer.waitForEnd() }
            isIdle.wait()
            peer.write(wire("HTTP/1.1 408 Request Timeout\nContent-Length: 0\n\n"))
            peer.waitForEnd()
            hasEnded.open()
        }
        defer { server.stopListening() }
        let run = try ClientRun()
        #expect(run.get(server.url).body == "ok")
        isIdle.open()
        run.runLoop(until: hasEnded)
        #expect(run.get(server.url).body == "fresh")
        #expect(server.requests.count == 2)
    }

    @Test("A request lost with a reused connection is not reported as refused when the second attempt is refused")
    func refusedAfterSending() throws {
        let listening = ScriptedServerBox()
        let server = ScriptedServer { peer, _ in
            _ = peer.readRequest()
            peer.write(wire(ok))
            _ = peer.readRequest()
            listening.server?.stopListening()
        }
        listening.server = server
        let run = try ClientRun()
        #expect(run.get(server.url).body == "ok")
        let error = run.get(server.url).error
        #expect(error == .disconnected)
        #expect(error?.mayHaveBeenSent == true)
        listening.server = nil
    }

    @Test("A port on which nothing listens gives a refusal, by address and by name", arguments: [
        "127.0.0.1", "localhost",
    ])
    func refused(host: String) throws {
        let server = ScriptedServer(answering: ok)
        server.stopListening()
        let error = try ClientRun().get("http://\(host):\(server.port)/").error
        #expect(error == .refused)
        #expect(error?.mayHaveBeenSent == false)
    }

    @Test("A connection that ends anywhere before the response is complete is reported", arguments: [
        "", "HTTP/1.1 200", "HTTP/1.1 200 OK\nContent-Length: 5\n", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhel",
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nhello\n",
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nhel",
    ])
    func broken(part: String) throws {
        let server = ScriptedServer { peer, _ in
            _ = peer.readRequest()
            peer.write(wire(part))
        }
        defer { server.stopListening() }
        let error = try ClientRun().get(server.url).error
        #expect(error == .disconnected)
        #expect(error?.mayHaveBeenSent == true)
    }

    @Test("A response that is not HTTP is reported as malformed", arguments: [
        "SSH-2.0-OpenSSH_9.2\n", "HTTP/1.1 abc\n\n", "hello\n\n",
    ])
    func malformed(answer: String) throws {
        let server = ScriptedServer { peer, _ in
            _ = peer.readRequest()
            peer.write(wire(answer))
        }
        defer { server.stopListening() }
        #expect(try ClientRun().get(server.url).error == .malformedResponse)
    }

    @Test("A response that does not begin or does not end in time is a timeout", arguments: [
        "", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhel",
    ])
    func timedOut(part: String) throws {
        let server = ScriptedServer { peer, _ in
            _ = peer.readRequest()
            peer.write(wire(part))
            peer.waitForEnd()
        }
        defer { server.stopListening() }
        var request = ClientRequest(.get, url: server.url)
        request.timeoutMilliseconds = 100
        let error = try ClientRun().send(request).error
        #expect(error == .timedOut(milliseconds: 100))
        #expect(error?.mayHaveBeenSent == true)
    }

    @Test("A connection that is not established fails at its own, shorter timeout, and its socket is released")
    func connectTimedOut() throws {
        let (port, close) = silentPort()
        defer { close() }
        var request = ClientRequest(.get, url: "http://127.0.0.1:\(port)/")
        request.connectTimeoutMilliseconds = 150
        let run = try ClientRun()
        let error = run.send(request).error
        #expect(error == .connectTimedOut(milliseconds: 150))
        #expect(error?.mayHaveBeenSent == false)
        #expect(run.client.openConnectionCount == 0)
    }

    @Test("The descriptor number of a socket that never connected can be reused")
    func numberReused() throws {
        let (port, close) = silentPort()
        defer { close() }
        var request = ClientRequest(.get, url: "http://127.0.0.1:\(port)/")
        request.connectTimeoutMilliseconds = 50
        let run = try ClientRun()
        var accepted = 0
        let listener = try TCPListener(loop: run.loop, address: SocketAddress("127.0.0.1:0")) { stream in
            accepted += 1
            stream.close()
        }
        defer { listener.close() }
        _ = run.send([request, request, request])
        // The three failed connection attempts have freed three descriptor numbers. The next socket of the client
        // reuses the first of them, and the connection that the listener accepts reuses the second.
        #expect(run.get("http://\(listener.address)/").error != nil)
        #expect(accepted == 1)
    }
}

/// Gives a script access to the server that runs it.
private final class ScriptedServerBox: @unchecked Sendable {
    /// The scripted server; set before the first connection, and read by the scripts that run on later connections.
    var server: ScriptedServer?
}
