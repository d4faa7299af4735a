import HTTPClient
import Testing

@Suite struct RequestTests {
    @Test("A request is sent with the given method, header lines and body and nothing else", arguments: [
        (ClientRequest(.get, url: "/a?b=c"), "GET /a?b=c HTTP/1.1\nHost: h"),
        (ClientRequest(.head, url: "/"), "HEAD / HTTP/1.1\nHost: h"),
        (ClientRequest(.delete, url: "/a"), "DELETE /a HTTP/1.1\nHost: h"),
        (ClientRequest(.put, url: "/a", body: Array("{}".utf8)), "PUT /a HTTP/1.1\nHost: h\nContent-Length: 2"),
        (ClientRequest(.post, url: "/a", body: [0, 255]), "POST /a HTTP/1.1\nHost: h\nContent-Length: 2"),
        (ClientRequest(.post, url: "/a"), "POST /a HTTP/1.1\nHost: h\nContent-Length: 0"),
    ])
    func methods(request: ClientRequest, head: String) throws {
        let server = ScriptedServer(answering: "HTTP/1.1 204 No Content\n\n")
        defer { server.stopListening() }
        var sent = request
        sent.url = server.url + request.url
        #expect(try ClientRun().send(sent).status == 204)
        let expected = head.replacing("Host: h", with: "Host: 127.0.0.1:\(server.port)")
        #expect(server.requests == [Peer.Request(head: expected, body: request.body)])
    }

    @Test("A reused handle keeps nothing of the previous request's method, header lines and body")
    func handleReuse() throws {
        let server = ScriptedServer(answering: "HTTP/1.1 200 OK\nContent-Length: 2\n\nok")
        defer { server.stopListening() }
        let run = try ClientRun()
        var put = ClientRequest(.put, url: server.url + "/a", body: Array("{}".utf8))
        put.headerLines = ["Content-Type: application/json", "X-Odd: a:b"]
        _ = run.send(put)
        _ = run.get(server.url + "/b")
        let host = "Host: 127.0.0.1:\(server.port)"
        #expect(server.requests.map(\.head) == [
            "PUT /a HTTP/1.1\n\(host)\nContent-Type: application/json\nX-Odd: a:b\nContent-Length: 2",
            "GET /b HTTP/1.1\n\(host)",
        ])
    }

    @Test("A path is sent unchanged", arguments: [
        "/items/..", "/items/.", "/a/../b/./c", "/%2E%2E/%2f", "//a//", "/a?../b", "/'!()*;[]{}|",
    ])
    func path(path: String) throws {
        let server = ScriptedServer(answering: "HTTP/1.1 204 No Content\n\n")
        defer { server.stopListening() }
        _ = try ClientRun().get(server.url + path)
        #expect(server.requests.map(\.path) == [path])
    }

    @Test("A body of 1.1 MB is sent without waiting for 100 Continue")
    func largeBody() throws {
        let server = ScriptedServer(answering: "HTTP/1.1 204 No Content\n\n")
        defer { server.stopListening() }
        let body = (0..<1_100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var request = ClientRequest(.post, url: server.url, body: body)
        request.timeoutMilliseconds = 5_000
        #expect(try ClientRun().send(request).status == 204)
        #expect(server.requests.map { $0.body == body } == [true])
        #expect(server.requests.allSatisfy { !$0.head.contains("Expect") })
    }

    @Test("An invalid URL fails before anything is sent", arguments: [
        "", "127.0.0.1:80", "ftp://127.0.0.1/", "file:///etc/passwd", "http://127.0.0.1/a b", "http://127.0.0.1/\u{0}",
        "http://127.0.0.1/\r\nX: y", "http://127.0.0.1/é", "http://", "http://127.0.0.1:99999/",
        "http://h/" + String(repeating: "a", count: 65_536),
    ])
    func badURL(url: String) throws {
        let answer = try ClientRun().get(url)
        #expect(answer.error == .badURL(url))
        #expect(answer.error?.mayHaveBeenSent == false)
    }

    @Test("A header line with a line break, or without a name, is rejected", arguments: [
        "X: a\r\nY: b", "X: a\nY: b", "X: \u{0}", "X", "", ": a",
    ])
    func badHeaderLine(line: String) throws {
        let server = ScriptedServer(answering: "HTTP/1.1 204 No Content\n\n")
        defer { server.stopListening() }
        var request = ClientRequest(.get, url: server.url)
        request.headerLines = [line]
        #expect(try ClientRun().send(request).error == .badHeaderLine(line))
        #expect(server.connectionCount == 0)
    }

    @Test("No completion runs before send has returned, whatever the error")
    func order() throws {
        let server = ScriptedServer(answering: "HTTP/1.1 204 No Content\n\n")
        defer { server.stopListening() }
        let run = try ClientRun()
        var events: [String] = []
        for (name, url) in [("bad", "nonsense"), ("refused", "http://127.0.0.1:1/"), ("good", server.url)] {
            run.client.send(ClientRequest(.get, url: url)) { _ in
                events.append(name)
                if events.count == 6 { run.loop.stop() }
            }
            events.append("sent")
        }
        run.loop.run()
        #expect(events[..<3] == ["sent", "sent", "sent"])
        #expect(Set(events[3...]) == ["bad", "refused", "good"])
    }
}
