import HTTP
import Testing

@Suite struct TargetTests {
    @Test("A target is in origin form, in absolute form, or * with OPTIONS", arguments: [
        Case("GET /a/b?c=d HTTP/1.1↵Host: h↵↵", "GET /a/b?c=d keep-alive", "complete"),
        Case("GET /? HTTP/1.1↵Host: h↵↵", "GET /? keep-alive", "complete"),
        Case("GET /a?b?c HTTP/1.1↵Host: h↵↵", "GET /a?b?c keep-alive", "complete"),
        Case("GET //a HTTP/1.1↵Host: h↵↵", "GET //a keep-alive", "complete"),
        Case("GET /%2F%zz HTTP/1.1↵Host: h↵↵", "GET /%2F%zz keep-alive", "complete"),
        Case("GET /{\"<>\\^`|}~ HTTP/1.1↵Host: h↵↵", "GET /{\"<>\\^`|}~ keep-alive", "complete"),
        Case("GET http://h/a?b HTTP/1.1↵Host: h↵↵", "GET /a?b keep-alive", "complete"),
        Case("GET HTTP://H:80/ HTTP/1.1↵Host: h↵↵", "GET / keep-alive", "complete"),
        Case("GET http://[::1]:8080/a HTTP/1.1↵Host: h↵↵", "GET /a keep-alive", "complete"),
        Case("GET http://h HTTP/1.1↵Host: h↵↵", "GET / keep-alive", "complete"),
        Case("GET http://h?q HTTP/1.1↵Host: h↵↵", "GET /?q keep-alive", "complete"),
        Case("OPTIONS * HTTP/1.1↵Host: h↵↵", "OPTIONS * keep-alive", "complete"),
        Case("OPTIONS http://h HTTP/1.1↵Host: h↵↵", "OPTIONS / keep-alive", "complete"),
        Case("CONNECT /a HTTP/1.1↵Host: h↵↵", "CONNECT /a keep-alive", "complete"),
    ])
    func accepted(request: Case) { request.check() }

    @Test("Any other target is refused", arguments: [
        Case("GET a HTTP/1.1↵", "refused 400 malformedTarget"),
        Case("GET ?a HTTP/1.1↵", "refused 400 malformedTarget"),
        Case("GET * HTTP/1.1↵", "refused 400 malformedTarget"),
        Case("OPTIONS *a HTTP/1.1↵", "refused 400 malformedTarget"),
        Case("CONNECT h:80 HTTP/1.1↵", "refused 400 malformedTarget"),
        Case("GET h:80 HTTP/1.1↵", "refused 400 malformedTarget"),
        Case("GET https://h/ HTTP/1.1↵", "refused 400 malformedTarget"),
        Case("GET ftp://h/ HTTP/1.1↵", "refused 400 malformedTarget"),
        Case("GET http: HTTP/1.1↵", "refused 400 malformedTarget"),
        Case("GET http:/a/b HTTP/1.1↵", "refused 400 malformedTarget"),
        Case("GET http:// HTTP/1.1↵", "refused 400 malformedTarget"),
        Case("GET http:///a HTTP/1.1↵", "refused 400 malformedTarget"),
        Case("GET http://u@h/ HTTP/1.1↵", "refused 400 malformedTarget"),
        Case("GET http://h:8x/ HTTP/1.1↵", "refused 400 malformedTarget"),
        Case("GET http://[::1/ HTTP/1.1↵", "refused 400 malformedTarget"),
        Case("GET /a#b HTTP/1.1↵", "refused 400 byteInTarget(35)"),
        Case("GET /é HTTP/1.1↵", "refused 400 byteInTarget(195)"),
        Case("GET /‹7F› HTTP/1.1↵", "refused 400 controlByte(127)"),
        Case("GET /a␉b HTTP/1.1↵", "refused 400 byteInTarget(9)"),
        Case("GET /a␀b HTTP/1.1↵", "refused 400 controlByte(0)"),
    ])
    func refused(request: Case) { request.check() }

    @Test("Path and query are found in every form of target", arguments: [
        ("GET /a/b?c=d", "/a/b", "c=d"), ("GET /a?", "/a", ""), ("GET /a", "/a", nil), ("GET /a?b?c", "/a", "b?c"),
        ("GET http://h:1/a/?b", "/a/", "b"), ("GET http://h", "/", nil), ("GET http://h?b", "/", "b"),
        ("OPTIONS *", "*", nil), ("GET /?/a", "/", "/a"),
    ] as [(String, String, String?)])
    func parts(line: String, path: String, query: String?) {
        var parser = RequestParser()
        var offset = 0
        let input = bytes("\(line) HTTP/1.1↵Host: h↵X-Request-ID: r↵↵")
        #expect(parser.advance(input.span, from: &offset) == .head)
        let head = parser.head
        #expect(text(head.bytes[head.path]) == path)
        #expect(head.query.map { text(head.bytes[$0]) } == query)
        guard case .single(let value) = head.values(of: .xRequestID) else {
            Issue.record("the field is missing")
            return
        }
        #expect(text(head.bytes[value]) == "r")
    }
}
