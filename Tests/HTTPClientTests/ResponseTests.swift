import HTTPClient
import Testing

@Suite struct ResponseTests {
    @Test("Bodies of every framing arrive completely", arguments: [
        ("HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", 200, "hello"),
        ("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n3\nhel\n2;x=y\nlo\n0\nX-Trailer: t\n\n", 200, "hello"),
        ("HTTP/1.1 200 OK\nConnection: close\n\nhello", 200, "hello"),
        ("HTTP/1.0 404 Not Found\n\nhello", 404, "hello"),
        ("HTTP/1.1 204 No Content\n\n", 204, ""),
        ("HTTP/1.1 500 \nContent-Length: 0\n\n", 500, ""),
        ("HTTP/1.1 100 Continue\n\nHTTP/1.1 103 Hints\nA: x\n\nHTTP/1.1 201 Made\nContent-Length: 2\n\nok", 201, "ok"),
    ])
    func framing(answer: String, status: Int, body: String) throws {
        let server = ScriptedServer { peer, _ in
            _ = peer.readRequest()
            peer.write(wire(answer))
        }
        defer { server.stopListening() }
        let received = try ClientRun().get(server.url)
        #expect(received.status == status)
        #expect(received.body.map(wire) == wire(body))
    }

    @Test("Fields are found by name in any case, and those of interim responses and trailers are ignored")
    func headers() throws {
        let server = ScriptedServer(
            answering: """
                HTTP/1.1 103 Early Hints
                Link: early

                HTTP/1.1 200 OK
                ETag: "abc"
                x-request-id:   r:1\t
                Twice: 1
                Twice: 2
                Empty:
                Transfer-Encoding: chunked

                0
                X-Trailer: t


                """)
        defer { server.stopListening() }
        let headers = try ClientRun().get(server.url).get().headers
        #expect(headers["etag"] == "\"abc\"")
        #expect(headers["X-REQUEST-ID"] == "r:1")
        #expect(headers["twice"] == "1")
        #expect(headers["Empty"] == "")
        #expect(headers["Link"] == nil)
        #expect(headers["X-Trailer"] == nil)
        #expect(headers["HTTP/1.1 200 OK"] == nil)
    }

    @Test("A response longer than the limit of the request fails, whatever its framing", arguments: [
        "HTTP/1.1 200 OK\nContent-Length: 11\n\nhello world", "HTTP/1.1 200 OK\n\nhello world",
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nhello\n6\n world\n0\n\n",
    ])
    func bodyTooLarge(answer: String) throws {
        let server = ScriptedServer { peer, _ in
            _ = peer.readRequest()
            peer.write(wire(answer))
        }
        defer { server.stopListening() }
        var request = ClientRequest(.get, url: server.url)
        request.maximumResponseBytes = 10
        #expect(try ClientRun().send(request).error == .bodyTooLarge(limitBytes: 10))
        request.maximumResponseBytes = 11
        #expect(try ClientRun().send(request).body == "hello world")
    }

    @Test("A head without end fails at its limit")
    func headTooLarge() throws {
        let server = ScriptedServer { peer, _ in
            _ = peer.readRequest()
            peer.write("HTTP/1.1 200 OK\r\n")
            for _ in 0..<1_000 { peer.write("X-Filler: " + String(repeating: "a", count: 1_000) + "\r\n") }
        }
        defer { server.stopListening() }
        #expect(try ClientRun().get(server.url).error == .headTooLarge(limitBytes: 64 * 1024))
    }

    @Test("A streamed body arrives in pieces, all of them before the completion")
    func streaming() throws {
        let pieces = (0..<30).map { number in String(repeating: "\(number),", count: 5_000) }
        let seen = Gate()
        let server = ScriptedServer { peer, _ in
            _ = peer.readRequest()
            peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for piece in pieces {
                peer.write(String(piece.utf8.count, radix: 16) + "\r\n\(piece)\r\n")
                seen.wait()
            }
            peer.write("0\r\n\r\n")
        }
        defer { server.stopListening() }
        let run = try ClientRun()
        var received: [UInt8] = []
        var ends = pieces.indices.map { pieces[...$0].joined().utf8.count }[...]
        var answer: Answer?
        run.client.send(ClientRequest(.get, url: server.url)) { chunk in
            #expect(answer == nil)
            received += chunk
            guard received.count == ends.first else { return }
            ends.removeFirst()
            seen.open()
        } completion: {
            answer = $0
            run.loop.stop()
        }
        run.loop.run()
        #expect(received.elementsEqual(pieces.joined().utf8))
        #expect(answer?.status == 200)
        #expect(answer?.body == "")
    }

    @Test("A response with an error status is not streamed")
    func refusalOfStream() throws {
        let server = ScriptedServer(answering: "HTTP/1.1 404 Not Found\nContent-Length: 4\n\nnope")
        defer { server.stopListening() }
        let run = try ClientRun()
        var answer: Answer?
        run.client.send(ClientRequest(.get, url: server.url)) { _ in
            Issue.record("the body of an error response was streamed")
        } completion: {
            answer = $0
            run.loop.stop()
        }
        run.loop.run()
        #expect(answer?.status == 404)
        #expect(answer?.body == "nope")
    }
}
