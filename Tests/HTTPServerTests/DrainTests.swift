import Base
import HTTPServer
import Testing

@Suite struct DrainTests {
    @Test("A drain answers requests in flight, closes idle connections, and accepts no new ones")
    func drain() {
        let server = TestServer()
        let idle = TestClient(port: server.port)
        let working = TestClient(port: server.port)
        working.send(wire("GET /hang HTTP/1.1\nHost: h\n\n"))
        #expect(
            server.eventually { server, _ in
                server.counters.requestsInFlight == 1 && server.counters.openConnections == 2
            })
        let drained = server.drain()
        #expect(idle.receive() == .end)
        let late = TestClient(port: server.port)
        #expect([.reset, .end, .nothing].contains(late.receive()))
        server.inside { $1.release() }
        let (bytes, ending) = working.receiveToEnd()
        #expect(
            readable(String(decoding: bytes, as: UTF8.self)) == """
                HTTP/1.1 200 OK
                Content-Type: text/plain
                Connection: close
                Content-Length: 9

                released

                """)
        #expect(ending == .end)
        working.finishSending()
        drained()
        #expect(server.inside { server, _ in server.counters.openConnections } == 0)
    }

    @Test("A request sent before the drain is answered, even if its last bytes arrive later")
    func inFlight() {
        let server = TestServer()
        let clients = (0..<20).map { _ in TestClient(port: server.port) }
        #expect(server.eventually { server, _ in server.counters.openConnections == 20 })
        // The event loop is blocked while the clients send these requests, so the bytes are in the kernel when the
        // drain begins.
        let sent = Mailbox<Bool>(capacity: 1)
        let finished = server.drain {
            for client in clients.dropLast() { client.send(wire("GET /a HTTP/1.1\nHost: h\n\n")) }
            clients[19].send("GET /b HT")
            _ = sent.post(true, weight: 1)
        }
        _ = sent.takeOne()
        clients[19].send(wire("TP/1.1\nHost: h\n\n"))
        for client in clients {
            let (bytes, ending) = client.receiveToEnd()
            #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(ending == .end)
            client.finishSending()
        }
        finished()
        #expect(server.log.count == 20)
    }

    @Test("A client that connected and sent before the drain is answered, although it was not accepted yet")
    func backlog() {
        let server = TestServer()
        let port = server.port
        let made = Mailbox<TestClient>(capacity: 1)
        let finished = server.drain {
            let client = TestClient(port: port)
            client.send(wire("GET /a HTTP/1.1\nHost: h\n\n"))
            _ = made.post(client, weight: 1)
        }
        let client = made.takeOne()
        let (bytes, _) = client.receiveToEnd()
        #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 200 OK\r\n"))
        client.finishSending()
        finished()
    }

    @Test("All requests that a client sent ahead are answered before a drain closes its connection")
    func pipelined() {
        let server = TestServer()
        let client = TestClient(port: server.port)
        #expect(server.eventually { server, _ in server.counters.openConnections == 1 })
        let finished = server.drain {
            client.send(wire("GET /later/20 HTTP/1.1\nHost: h\n\nGET /b HTTP/1.1\nHost: h\n\n"))
            client.send(wire("GET /c HTTP/1.1\nHost: h\n\n\n"))
        }
        let (bytes, ending) = client.receiveToEnd()
        let lines = readable(String(decoding: bytes, as: UTF8.self)).split(separator: "\n")
        #expect(lines.filter { ["later", "/b", "/c"].contains($0) } == ["later", "/b", "/c"])
        #expect(ending == .end)
        client.finishSending()
        finished()
    }

    @Test("closeRemaining cuts requests that are not answered")
    func closeRemaining() {
        let server = TestServer()
        let client = TestClient(port: server.port)
        client.send(wire("GET /hang HTTP/1.1\nHost: h\n\n"))
        #expect(server.eventually { server, _ in server.counters.requestsInFlight == 1 })
        let drained = server.drain()
        server.inside { server, _ in server.closeRemaining() }
        drained()
        #expect(client.receive() == .reset)
        #expect(server.log == ["/hang 0 0 cut"])
    }
}
