import HTTP
import Testing

/// The head of a GET request with these fields.
private func head(_ fields: String) -> RequestHead {
    var parser = RequestParser()
    var offset = 0
    let event = parser.advance(bytes("GET / HTTP/1.1↵Host: h↵\(fields)↵").span, from: &offset)
    precondition(event == .head, "a head was expected, not \(event)")
    return parser.head
}

@Suite struct RequestHeadTests {
    @Test("Every known header is found by its name in any case", arguments: KnownHeader.allCases)
    func names(header: KnownHeader) {
        guard ![.host, .contentLength, .transferEncoding, .expect].contains(header) else { return }
        let name = "\(header.name)"
        for name in [name, name.uppercased(), name.prefix(1).uppercased() + name.dropFirst()] {
            let head = head("Before: 1↵\(name): the value ↵After: 2↵")
            guard case .single(let value) = head.values(of: header) else {
                Issue.record("\(name) was not found")
                continue
            }
            #expect(text(head.bytes[value]) == "the value")
            for other in KnownHeader.allCases where other != header && other != .host {
                #expect(head.values(of: other) == .absent)
            }
        }
    }

    @Test("Names that only resemble a known header are not matched", arguments: [
        "x-request-ix", "y-request-id", "x_request_id", "x-request-id-", "xrequestid", "x-request\u{2D}i",
    ])
    func similarNames(name: String) {
        #expect(head("\(name): v↵").values(of: .xRequestID) == .absent)
    }

    @Test("A repeated field is distinguished from a single one, and all its values are available in order")
    func repetition() {
        let head = head("Tracestate: a=1↵X-Request-ID: r↵tracestate:↵Trace: n↵TRACESTATE: b=2,c=3 ↵")
        var values: [String] = []
        head.forEachValue(of: .tracestate) { values.append(text(head.bytes[$0])) }
        #expect(values == ["a=1", "", "b=2,c=3"])
        guard case .repeated(let first) = head.values(of: .tracestate) else {
            Issue.record("tracestate is not a repeated field")
            return
        }
        #expect(text(head.bytes[first]) == "a=1")

        var none = 0
        head.forEachValue(of: .traceparent) { _ in none += 1 }
        #expect(none == 0)
    }

    @Test("Methods are distinguished by their exact token", arguments: [
        ("GET", .get), ("HEAD", .head), ("DELETE", .delete), ("OPTIONS", .options), ("PATCH", .other), ("get", .other),
        ("GETT", .other), ("G", .other), ("HEAT", .other), ("PUS", .other), ("DELETF", .other),
    ] as [(String, HTTP.Method)])
    func methods(token: String, expected: HTTP.Method) {
        var parser = RequestParser()
        var offset = 0
        #expect(parser.advance(bytes("\(token) / HTTP/1.1↵Host: h↵↵").span, from: &offset) == .head)
        #expect(parser.head.method == expected)
        #expect(text(parser.head.bytes[parser.head.methodRange]) == token)
    }

    @Test("A copy of a head does not change when the parser goes on")
    func kept() {
        var parser = RequestParser()
        let input = bytes("GET /first HTTP/1.1↵Host: h↵X-Request-ID: one↵↵GET /second HTTP/1.0↵Host: h↵↵")
        var offset = 0
        #expect(parser.advance(input.span, from: &offset) == .head)
        let first = parser.head
        #expect(parser.advance(input.span, from: &offset) == .complete)
        #expect(parser.advance(input.span, from: &offset) == .head)
        #expect(text(first.bytes[first.path]) == "/first")
        #expect(first.keepsAlive)
        #expect(text(parser.head.bytes[parser.head.path]) == "/second")
        #expect(parser.head.values(of: .xRequestID) == .absent)
    }

    @Test("A field repeated in one request is single in the next")
    func repetitionEnds() {
        var parser = RequestParser()
        let input = bytes("GET / HTTP/1.1↵Host: h↵Accept: a↵Accept: b↵↵GET / HTTP/1.1↵Host: h↵Accept: c↵↵")
        var offset = 0
        #expect(parser.advance(input.span, from: &offset) == .head)
        #expect(parser.advance(input.span, from: &offset) == .complete)
        #expect(parser.advance(input.span, from: &offset) == .head)
        guard case .single(let value) = parser.head.values(of: .accept) else {
            Issue.record("accept is not a single field")
            return
        }
        #expect(text(parser.head.bytes[value]) == "c")
    }

    @Test("Fields that were parsed before a refusal are available", arguments: [
        "GET / HTTP/1.1↵X-Request-ID: mine↵ folded↵", "GET / HTTP/1.1↵X-Request-ID: mine↵↵",
        "GET / HTTP/1.1↵X-Request-ID: mine↵Bad Name: x↵",
    ])
    func afterRefusal(input: String) {
        var parser = RequestParser()
        var offset = 0
        guard case .refused = parser.advance(bytes(input).span, from: &offset) else {
            Issue.record("the request was not refused")
            return
        }
        guard case .single(let value) = parser.head.values(of: .xRequestID) else {
            Issue.record("the field is missing")
            return
        }
        #expect(text(parser.head.bytes[value]) == "mine")
    }

    @Test("The head of a refused request has valid ranges and nothing of the request before", arguments: [
        "X␀", "‹16›", "␊", "GET", "GET␊", "GET /␊", "GET / HTTP/2.0↵", "GET /é HTTP/1.1↵", "GET h HTTP/1.1↵",
        "P / HTTP/1.1↵␊␊", "P / HTTP/1.1↵TraceState: a↵TraceState: b↵␊␊TraceState: c↵↵",
        "P / HTTP/1.1↵TraceState: a↵TraceState: b↵ ↵TraceState: c↵↵",
        "P / HTTP/1.1↵TraceState: a↵TraceState: b↵↵TraceState: c↵↵",
        "P / HTTP/1.1↵TraceState: a↵TraceState: b↵X␀↵␊", "P / HTTP/1.1↵TraceState: a↵TraceState: b␊↵",
    ])
    func refusedHead(second: String) {
        var parser = RequestParser()
        let input = bytes("PUT /a/long/path?and=query HTTP/1.0↵Content-Length: 0↵Tracestate: old↵↵\(second)")
        var offset = 0
        #expect(parser.advance(input.span, from: &offset) == .head)
        #expect(parser.advance(input.span, from: &offset) == .complete)
        _ = parser.advance(input.span, from: &offset)

        let head = parser.head
        let reached = second.hasPrefix("P ")
        let method = ["P ", "GET ", "GET␊", "X␀"].first(where: second.hasPrefix)?.dropLast()
        #expect(text(head.bytes[head.methodRange]) == method ?? "")
        #expect(text(head.bytes[head.target]) == (reached ? "/" : ""))
        #expect(text(head.bytes[head.path]) == (reached ? "/" : ""))
        #expect(head.query == nil && head.method == (method == "GET" ? .get : .other) && !head.keepsAlive)
        var values: [String] = []
        head.forEachValue(of: .tracestate) { values.append(text(head.bytes[$0])) }
        #expect(values == (second.contains("b↵") ? ["a", "b"] : second.contains("a↵") ? ["a"] : []))
    }

    @Test("The method is known once the byte after it has arrived, also if the request line is refused", arguments: [
        ("HEAD / HTTP/2.0↵", .head), ("HEAD /\(String(repeating: "x", count: 20_000))", .head),
        ("HEAD /é HTTP/1.1↵", .head), ("HEAD x HTTP/1.1↵", .head), ("HEAD /a b HTTP/1.1↵", .head), ("HEAD↵", .head),
        ("↵HEAD /␊", .head), ("HEAD /unfini", .head), ("HEAD ", .head), ("HEAD", .other), ("HEAD/ HTTP/1.1↵", .other),
        ("HEADS / HTTP/2.0↵", .other), ("DELETE / HTTP/2.0↵", .delete), ("‹16›", .other),
    ] as [(String, HTTP.Method)])
    func methodOfIncompleteLine(input: String, expected: HTTP.Method) {
        for cut in [0, 1, 3, 4, 5, 6] where cut <= bytes(input).count {
            var parser = RequestParser()
            for part in [bytes(input)[..<cut], bytes(input)[cut...]] {
                var offset = 0
                _ = parser.advance(Array(part).span, from: &offset)
            }
            #expect(parser.head.method == expected)
            #expect(parser.head.bytes.count >= parser.head.methodRange.upperBound)
        }
    }

    @Test("The parser is between requests until the first byte of the next one")
    func idleness() {
        var parser = RequestParser()
        func feed(_ text: String) -> RequestParser.Event {
            var offset = 0
            return parser.advance(bytes(text).span, from: &offset)
        }
        #expect(parser.isBetweenRequests)
        #expect(feed("↵") == .needsInput)
        #expect(parser.isBetweenRequests)
        #expect(feed("G") == .needsInput)
        #expect(!parser.isBetweenRequests)
        #expect(feed("ET / HTTP/1.1↵Host: h↵↵") == .head)
        #expect(!parser.isBetweenRequests)
        #expect(feed("") == .complete)
        #expect(parser.isBetweenRequests)
        #expect(feed("") == .needsInput)
        #expect(parser.isBetweenRequests)
    }
}
