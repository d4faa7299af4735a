import HTTPServer
import Testing

/// A test case of a server: the bytes that a client sends, and all bytes that it receives until the server closes.
struct Conversation: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let sent: String
    let received: String

    init(_ title: String, sent: String, received: String) {
        testDescription = title
        self.sent = wire(sent)
        self.received = received
    }
}

private let conversations = [
    Conversation(
        "one request, then close",
        sent: "GET /a HTTP/1.1\nHost: h\nConnection: close\n\n",
        received: """
            HTTP/1.1 200 OK
            Content-Type: text/plain
            Connection: close
            Content-Length: 3

            /a

            """),
    Conversation(
        "pipelined requests are answered in order, none after the one that closes",
        sent: """
            GET /later/20 HTTP/1.1
            Host: h

            POST /echo HTTP/1.1
            Host: h
            Content-Length: 3

            abcGET /b HTTP/1.1
            Host: h
            Connection: close

            GET /never HTTP/1.1
            Host: h


            """,
        received: """
            HTTP/1.1 200 OK
            Content-Type: text/plain
            Content-Length: 6

            later
            HTTP/1.1 200 OK
            Content-Type: text/plain
            Content-Length: 3

            abcHTTP/1.1 200 OK
            Content-Type: text/plain
            Connection: close
            Content-Length: 3

            /b

            """),
    Conversation(
        "a chunked body with a trailer arrives completely",
        sent: """
            POST /echo HTTP/1.1
            Host: h
            Connection: close
            Transfer-Encoding: chunked

            3;x=y
            abc
            2
            de
            0
            Trailer: x


            """,
        received: """
            HTTP/1.1 200 OK
            Content-Type: text/plain
            Connection: close
            Content-Length: 5

            abcde
            """),
    Conversation(
        "HEAD returns the length and no body",
        sent: "HEAD /big/1000 HTTP/1.1\nHost: h\nConnection: close\n\n",
        received: """
            HTTP/1.1 200 OK
            Content-Type: text/plain
            Connection: close
            Content-Length: 1000


            """),
    Conversation(
        "204 and 304 have neither length nor body",
        sent: "GET /nothing HTTP/1.1\nHost: h\n\nGET /unchanged HTTP/1.1\nHost: h\nConnection: close\n\n",
        received: """
            HTTP/1.1 204 No Content

            HTTP/1.1 304 Not Modified
            ETag: "1"
            Connection: close


            """),
    Conversation(
        "HTTP/1.0 closes",
        sent: "GET /a HTTP/1.0\n\nGET /b HTTP/1.0\n\n",
        received: """
            HTTP/1.1 200 OK
            Content-Type: text/plain
            Connection: close
            Content-Length: 3

            /a

            """),
    Conversation(
        "HTTP/1.0 keeps alive when asked",
        sent: "GET /a HTTP/1.0\nConnection: keep-alive\n\nGET /b HTTP/1.0\n\n",
        received: """
            HTTP/1.1 200 OK
            Content-Type: text/plain
            Content-Length: 3

            /a
            HTTP/1.1 200 OK
            Content-Type: text/plain
            Connection: close
            Content-Length: 3

            /b

            """),
    Conversation(
        "bytes that are not HTTP get a response, then the connection closes",
        sent: "\u{16}\u{3}\u{1}\u{2}GET / HTTP/1.1\nHost: h\n\n",
        received: """
            HTTP/1.1 400 Bad Request
            Connection: close
            Content-Length: 88

            no: the first byte, 0x16, cannot begin an HTTP request; this port speaks plain HTTP/1.1

            """),
    Conversation(
        "a body that is too large is refused by its length, after the previous request is answered",
        sent: "GET /a HTTP/1.1\nHost: h\n\nPUT /small HTTP/1.1\nHost: h\nContent-Length: 11\n\n01234567890",
        received: """
            HTTP/1.1 200 OK
            Content-Type: text/plain
            Content-Length: 3

            /a
            HTTP/1.1 413 Content Too Large
            Connection: close
            Content-Length: 49

            no: the body is larger than the 10 bytes allowed

            """),
    Conversation(
        "a stream to HTTP/1.1 is chunked and keeps the connection open",
        sent: "GET /stream/0 HTTP/1.1\nHost: h\n\nGET /a HTTP/1.1\nHost: h\nConnection: close\n\n",
        received: """
            HTTP/1.1 200 OK
            Transfer-Encoding: chunked

            0

            HTTP/1.1 200 OK
            Content-Type: text/plain
            Connection: close
            Content-Length: 3

            /a

            """),
]

@Suite struct RequestTests {
    @Test("A response on a persistent connection states the idle timeout in whole seconds", arguments: [
        ("GET /a HTTP/1.1\nHost: h\n\n", 2_900, "Connection: keep-alive\r\nKeep-Alive: timeout=2\r\n"),
        ("GET /a HTTP/1.0\nConnection: keep-alive\n\n", 2_000, "Connection: keep-alive\r\nKeep-Alive: timeout=2\r\n"),
        ("GET /a HTTP/1.1\nHost: h\nConnection: close\n\n", 2_000, "Connection: close\r\n"),
        ("GET /a HTTP/1.0\n\n", 2_000, "Connection: close\r\n"),
    ])
    func keepAlive(request: String, idleMilliseconds: UInt64, fields: String) {
        var limits = HTTPServerLimits.quick
        limits.idleMilliseconds = idleMilliseconds
        let server = TestServer(limits: limits)
        let client = TestClient(port: server.port)
        client.send(wire(request))
        let response = client.receive(until: "/a\n")
        #expect(response.contains(fields))
        #expect(response.contains("Keep-Alive") == fields.contains("Keep-Alive"))
    }

    @Test("A conversation sent at once gives the expected responses", arguments: conversations)
    func whole(conversation: Conversation) {
        let server = TestServer()
        let client = TestClient(port: server.port)
        client.send(conversation.sent)
        let (bytes, ending) = client.receiveToEnd()
        #expect(readable(String(decoding: bytes, as: UTF8.self)) == conversation.received)
        #expect(ending == .end)
    }

    @Test("A conversation sent byte by byte gives the same responses", arguments: conversations)
    func byteByByte(conversation: Conversation) {
        let server = TestServer()
        let client = TestClient(port: server.port)
        for byte in conversation.sent.utf8 { client.send([byte]) }
        let (bytes, ending) = client.receiveToEnd()
        #expect(readable(String(decoding: bytes, as: UTF8.self)) == conversation.received)
        #expect(ending == .end)
    }

    @Test("A connection serves many requests, one after the other, and every exchange finishes once")
    func keepAlive() {
        let server = TestServer()
        let client = TestClient(port: server.port)
        for number in 0..<50 {
            client.send(wire("GET /\(number) HTTP/1.1\nHost: h\n\n"))
            #expect(client.receive(until: "/\(number)\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
        #expect(server.log == (0..<50).map { "/\($0) 200 \($0 < 10 ? 3 : 4)" })
        let counters = server.inside { server, _ in server.counters }
        #expect(counters.acceptedConnections == 1)
        #expect(counters.requests == 50)
        #expect(counters.requestsInFlight == 0)
    }

    @Test("A thousand pipelined requests get a thousand responses in order")
    func deepPipeline() {
        let server = TestServer()
        let client = TestClient(port: server.port)
        client.send((0..<1_000).map { wire("GET /\($0) HTTP/1.1\nHost: h\n\n") }.joined())
        client.finishSending()
        let (bytes, ending) = client.receiveToEnd()
        let lines = readable(String(decoding: bytes, as: UTF8.self)).split(separator: "\n")
        let bodies = lines.filter { $0.hasPrefix("/") }
        #expect(bodies.map(String.init) == (0..<1_000).map { "/\($0)" })
        #expect(ending == .end)
    }

    @Test("A client that expects 100 Continue receives it")
    func expectContinue() {
        let server = TestServer()
        let client = TestClient(port: server.port)
        client.send(wire("PUT /echo HTTP/1.1\nHost: h\nContent-Length: 3\nExpect: 100-continue\n\n"))
        #expect(client.receive(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        client.send("abc")
        #expect(client.receive(until: "abc").hasPrefix("HTTP/1.1 200 OK\r\n"))
    }

    @Test("100 Continue is not sent after the body has arrived, nor when the body is too large")
    func expectContinueNotSent() {
        let server = TestServer()
        let eager = TestClient(port: server.port)
        eager.send(wire("PUT /echo HTTP/1.1\nHost: h\nContent-Length: 3\nExpect: 100-continue\n\nabc"))
        #expect(eager.receive(until: "abc").hasPrefix("HTTP/1.1 200 OK\r\n"))
        let oversized = TestClient(port: server.port)
        oversized.send(wire("PUT /small HTTP/1.1\nHost: h\nContent-Length: 11\nExpect: 100-continue\n\n"))
        #expect(String(decoding: oversized.receiveToEnd().bytes, as: UTF8.self).hasPrefix("HTTP/1.1 413 "))
    }

    @Test("A large body is echoed unchanged", arguments: [100_000, 2 << 20])
    func largeBody(size: Int) {
        let server = TestServer()
        let client = TestClient(port: server.port)
        let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        client.send(wire("PUT /echo HTTP/1.1\nHost: h\nConnection: close\nContent-Length: \(size)\n\n"))
        client.send(body)
        #expect(Array(client.receiveToEnd().bytes.suffix(size)) == body)
    }

    @Test("A stream to HTTP/1.0 ends with the connection, and is not chunked")
    func streamToOldClient() {
        let server = TestServer()
        let client = TestClient(port: server.port)
        client.send(wire("GET /stream/3 HTTP/1.0\nConnection: keep-alive\n\n"))
        let (bytes, ending) = client.receiveToEnd()
        let head = "HTTP/1.1 200 OK\nConnection: close\n\n"
        #expect(readable(String(decoding: bytes, as: UTF8.self)) == head + String(repeating: "a", count: 3_000))
        #expect(ending == .end)
    }

    @Test("A client that closes its sending side still receives its responses")
    func halfClose() {
        let server = TestServer()
        let client = TestClient(port: server.port)
        client.send(wire("GET /later/30 HTTP/1.1\nHost: h\n\nGET /b HTTP/1.1\nHost: h\n\nGET /par"))
        client.finishSending()
        let (bytes, ending) = client.receiveToEnd()
        #expect(String(decoding: bytes, as: UTF8.self).hasSuffix("\r\n\r\n/b\n"))
        #expect(ending == .end)
        #expect(server.log == ["/later/30 200 6", "/b 200 3"])
    }
}
