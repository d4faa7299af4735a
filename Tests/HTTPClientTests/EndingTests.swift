import HTTPClient
import Reactor
import Testing

/// A server that answers every path at once, except `/hang`, which it never answers.
private func makeServer() -> ScriptedServer {
    ScriptedServer { peer, _ in
        while let request = peer.readRequest() {
            if request.path == "/hang" { return peer.waitForEnd() }
            peer.write(wire("HTTP/1.1 200 OK\nContent-Length: 2\n\nok"))
        }
    }
}

@Suite struct EndingTests {
    @Test("A cancelled request completes once with that error, and other requests continue")
    func cancel() throws {
        let server = makeServer()
        defer { server.stopListening() }
        let run = try ClientRun()
        var answers: [Answer] = []
        let transfer = run.client.send(ClientRequest(.get, url: server.url + "/hang")) { answers.append($0) }
        #expect(run.get(server.url).body == "ok")
        run.client.cancel(transfer)
        run.client.cancel(transfer)
        #expect(answers.isEmpty)
        #expect(run.client.inFlightCount == 0)
        #expect(run.get(server.url).body == "ok")
        #expect(answers == [.failure(.cancelled)])
        run.client.cancel(transfer)
        #expect(run.get(server.url).body == "ok")
        #expect(answers.count == 1)
    }

    @Test("A request cancelled before it is sent does not reach the server")
    func cancelAtOnce() throws {
        let server = makeServer()
        defer { server.stopListening() }
        let run = try ClientRun()
        var answers: [Answer] = []
        run.client.cancel(run.client.send(ClientRequest(.get, url: server.url + "/never")) { answers.append($0) })
        run.client.cancel(run.client.send(ClientRequest(.get, url: "nonsense")) { answers.append($0) })
        #expect(run.get(server.url).body == "ok")
        #expect(answers == [.failure(.cancelled), .failure(.badURL("nonsense"))])
        #expect(server.requests.map(\.path) == ["/"])
    }

    @Test("A sink may cancel its own transfer and is not called again")
    func cancelFromSink() throws {
        let server = ScriptedServer { peer, _ in
            _ = peer.readRequest()
            peer.write("HTTP/1.1 200 OK\r\n\r\n")
            for _ in 0..<1_000 { peer.write([UInt8](repeating: 0x61, count: 10_000)) }
        }
        defer { server.stopListening() }
        let run = try ClientRun()
        var transfer: Transfer?
        var chunkCount = 0
        var answer: Answer?
        transfer = run.client.send(ClientRequest(.get, url: server.url)) { _ in
            chunkCount += 1
            if let transfer { run.client.cancel(transfer) }
        } completion: {
            answer = $0
            run.loop.stop()
        }
        run.loop.run()
        #expect(chunkCount == 1)
        #expect(answer == .failure(.cancelled))
        transfer = nil
    }

    @Test("A completion may send the next request, many times in a row")
    func chain() throws {
        let server = makeServer()
        defer { server.stopListening() }
        let run = try ClientRun()
        var count = 0
        func next(_ answer: Answer) {
            guard answer.status == 200, count < 50 else { return run.loop.stop() }
            count += 1
            run.client.send(ClientRequest(.get, url: server.url), completion: next)
        }
        run.client.send(ClientRequest(.get, url: server.url), completion: next)
        run.loop.run()
        #expect(count == 50)
        #expect(server.connectionCount == 1)
    }

    @Test("Closing completes each running request once and lets the loop end, and later requests fail in the same way")
    func close() throws {
        let server = makeServer()
        defer { server.stopListening() }
        let run = try ClientRun()
        var answers: [Answer] = []
        for _ in 0..<10 { run.client.send(ClientRequest(.get, url: server.url + "/hang")) { answers.append($0) } }
        #expect(run.get(server.url).body == "ok")
        run.client.close()
        run.client.close()
        #expect(answers.isEmpty)
        run.client.send(ClientRequest(.get, url: server.url)) { answers.append($0) }
        run.loop.run()
        #expect(answers == [Answer](repeating: .failure(.closed), count: 11))
        #expect(run.client.openConnectionCount == 0)
    }

    @Test("A completion may close the client while other transfers have ended in the same iteration")
    func closeFromCompletion() throws {
        let server = makeServer()
        defer { server.stopListening() }
        let run = try ClientRun()
        var answers: [Answer] = []
        for _ in 0..<20 {
            run.client.send(ClientRequest(.get, url: server.url)) {
                answers.append($0)
                run.client.close()
            }
        }
        run.loop.run()
        #expect(answers.count == 20)
        #expect(answers.filter { $0.body == "ok" }.count == 1)
        #expect(answers.compactMap(\.error) == [ClientError](repeating: .closed, count: 19))
    }
}
