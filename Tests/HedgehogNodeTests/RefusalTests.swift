import HTTPServer
import Testing

@testable import HedgehogNode

/// Bytes that are not a valid request, and the answers before the connection is closed.
private struct Refused: CustomTestStringConvertible {
    let status: Int
    let reason: String
    let bytes: String

    init(_ status: Int, _ reason: String, _ bytes: String) {
        (self.status, self.reason, self.bytes) = (status, reason, bytes)
    }

    var testDescription: String { "\(status): \(reason)" }
}

private func lines(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n") + "\r\n\r\n"
}

private func put(_ fields: String) -> String {
    lines("PUT /api/v1/tables/t/items/k HTTP/1.1\nHost: a\n" + fields)
}

@Suite(.sharedNode) struct RefusalTests {
    @Test("Invalid bytes are answered like any other error, and the connection is closed", arguments: [
        Refused(400, "the first byte, 0x16", "\u{16}\u{3}\u{1}\u{2}\r\n\r\n"),
        Refused(400, "the request line is not", lines("HELLO")),
        Refused(400, "does not end in an HTTP version", lines("GET /a b HTTP/1.1\nHost: a")),
        Refused(400, "no Host field", lines("GET / HTTP/1.1")),
        Refused(400, "more than one Host field", lines("GET / HTTP/1.1\nHost: a\nHost: b")),
        Refused(400, "line feed alone", "GET / HTTP/1.1\nHost: a\n\n"),
        Refused(400, "no space before the colon", lines("GET / HTTP/1.1\nHost : a")),
        Refused(400, "folded", lines("GET / HTTP/1.1\nHost: a\nX: b\n c")),
        Refused(400, "0x00", lines("GET / HTTP/1.1\nHost: a\nX: \u{0}")),
        Refused(400, "percent-encoded", lines("GET /\u{E4} HTTP/1.1\nHost: a")),
        Refused(400, "both Content-Length and", put("Content-Length: 1\nTransfer-Encoding: chunked")),
        Refused(400, "more than one Content-Length", put("Content-Length: 1\nContent-Length: 1")),
        Refused(400, "not a number", put("Content-Length: -1")),
        Refused(400, "hexadecimal", put("Transfer-Encoding: chunked\n\nzz\n")),
        Refused(411, "neither Content-Length nor", lines("PUT /api/v1/tables/t/items/k HTTP/1.1\nHost: a")),
        Refused(411, "neither Content-Length nor", lines("POST /api/v1/tables HTTP/1.1\nHost: a")),
        Refused(413, "1048576 bytes", put("Content-Length: 1048577")),
        Refused(413, "65536 bytes", lines("POST /api/v1/tables HTTP/1.1\nHost: a\nContent-Length: 65537")),
        Refused(413, "65536 bytes", lines("POST /nowhere HTTP/1.1\nHost: a\nContent-Length: 999999999999")),
        Refused(414, "12288 bytes", lines("GET /\(String(repeating: "x", count: 12_300)) HTTP/1.1\nHost: a")),
        Refused(417, "100-continue", put("Content-Length: 1\nExpect: tea")),
        Refused(431, "16384 bytes", lines("GET / HTTP/1.1\nHost: a\nX: \(String(repeating: "x", count: 16_400))")),
        Refused(431, "100 fields", lines("GET / HTTP/1.1\nHost: a\(String(repeating: "\nX: y", count: 100))")),
        Refused(501, "transfer coding", put("Transfer-Encoding: gzip, chunked")),
        Refused(505, "HTTP version", lines("GET / HTTP/2.0\nHost: a")),
    ])
    fileprivate func refused(_ refused: Refused) throws {
        let client = TestNode.shared.client()
        client.send(refused.bytes)
        let answer = try #require(client.receive())
        #expect(answer.status == refused.status)
        let error = try checkedError(answer)
        #expect(error.contains(refused.reason), "\(error)")
        #expect(answer["Connection"] == "close")
        #expect(client.isAtEnd)
    }

    @Test("The ids and the route parsed before the fault are used in the answer", arguments: [
        "GET / HTTP/1.1\nX-Request-ID: mine\nHost: a\nX: \u{1}",
        "GET / HTTP/1.1\nX-Request-ID: mine\nHost: a\nHost: b",
        "PUT /api/v1/tables/t/items/k HTTP/1.1\nHost: a\nX-Request-ID: mine",
        "PUT /api/v1/tables/t/items/k HTTP/1.1\nHost: a\nX-Request-ID: mine\nContent-Length: 99999999",
        "PUT /x HTTP/1.1\nHost: a\nX-Request-ID: mine\nTransfer-Encoding: chunked\n\nzz\n",
    ])
    func named(request: String) throws {
        let client = TestNode.shared.client()
        client.send(lines(request))
        let answer = try #require(client.receive())
        #expect(answer["X-Request-ID"] == "mine")
        #expect(answer.json["request_id"] as? String == "mine")
    }

    @Test("A body over the limit is refused, with the limit, before it is read")
    func tooLarge() throws {
        let client = TestNode.shared.client()
        client.send(put("Content-Length: 1048577\nExpect: 100-continue"))
        let answer = try #require(client.receive())
        #expect(answer.status == 413)
        #expect(answer.json["limit"] as? Int == 1 << 20)
    }

    @Test("A request that is not complete in time is answered with 408", arguments: [
        "G", "GET / HTTP/1.1\r\nHost: a\r\n", put("Content-Length: 9") + "{",
    ])
    func late(beginning: String) throws {
        var limits = HTTPServerLimits()
        limits.requestMilliseconds = 30
        limits.tickMilliseconds = 10
        let client = try TestNode(limits: limits).client()
        client.send(beginning)
        let answer = try #require(client.receive())
        #expect(answer.status == 408)
        let error = try checkedError(answer)
        #expect(error.contains("30 ms"))
        #expect(client.isAtEnd)
    }

    @Test("A connection over the limit is answered with 503; a later one is accepted when there is room")
    func overloaded() throws {
        let node = try TestNode([.maximumConnections: "1"])
        do {
            let first = node.client()
            #expect(first.get("/livez")?.status == 200)
            let second = node.client()
            let answer = try #require(second.receive())
            #expect(answer.status == 503)
            #expect(answer["Retry-After"] == "1")
            let error = try checkedError(answer)
            #expect(error.contains("the limit of 1 open connections"))
            #expect(first.get("/livez")?.status == 200)
        }
        var answer: Answer?
        for _ in 1...1000 where answer?.status != 200 { answer = node.client().get("/livez") }
        #expect(answer?.status == 200)
    }

    /// Checks the header fields and ids of an error answer and returns the sentence of its error.
    private func checkedError(_ answer: Answer) throws -> String {
        #expect(answer["Content-Type"] == "application/json")
        #expect(answer["Access-Control-Allow-Origin"] == "*")
        #expect(answer.body.last == UInt8(ascii: "\n"))
        let id = try #require(answer["X-Request-ID"])
        let trace = try #require(answer["X-Trace-ID"])
        #expect(answer.json["request_id"] as? String == id)
        #expect(answer.json["trace_id"] as? String == trace)
        return try #require(answer.json["error"] as? String)
    }
}
