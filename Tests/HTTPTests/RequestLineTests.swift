import Testing

@Suite struct RequestLineTests {
    @Test("A request line is a method, a target and a version", arguments: [
        Case("GET / HTTP/1.1↵Host: h↵↵", "GET / keep-alive", "complete"),
        Case("HEAD / HTTP/1.1↵Host: h↵↵", "HEAD / keep-alive", "complete"),
        Case("DELETE /a HTTP/1.1↵Host: h↵↵", "DELETE /a keep-alive", "complete"),
        Case("OPTIONS /a HTTP/1.1↵Host: h↵↵", "OPTIONS /a keep-alive", "complete"),
        Case("PATCH /a HTTP/1.1↵Host: h↵↵", "PATCH /a keep-alive", "complete"),
        Case("get / HTTP/1.1↵Host: h↵↵", "get / keep-alive", "complete"),
        Case("M-SEARCH / HTTP/1.1↵Host: h↵↵", "M-SEARCH / keep-alive", "complete"),
        Case("!#$%&'*+-.^_`|~09azAZ / HTTP/1.1↵Host: h↵↵", "!#$%&'*+-.^_`|~09azAZ / keep-alive", "complete"),
        Case("GET / HTTP/1.0↵↵", "GET / close", "complete"),
        Case("GET / HTTP/1.0↵Host: h↵↵", "GET / close", "complete"),
    ])
    func accepted(request: Case) { request.check() }

    @Test("Any other request line is refused", arguments: [
        Case("GET  / HTTP/1.1↵", "refused 400 malformedRequestLine"),
        Case("GET /  HTTP/1.1↵", "refused 400 malformedVersion"),
        Case("GET / HTTP/1.1 ↵", "refused 400 malformedVersion"),
        Case("GET / a HTTP/1.1↵", "refused 400 malformedVersion"),
        Case("GET␉/ HTTP/1.1↵", "refused 400 malformedRequestLine"),
        Case("GET /␉HTTP/1.1↵", "refused 400 malformedRequestLine"),
        Case("GET↵", "refused 400 malformedRequestLine"),
        Case("GET ↵", "refused 400 malformedRequestLine"),
        Case("GET /↵", "refused 400 malformedRequestLine"),
        Case("GET / ↵", "refused 400 malformedVersion"),
        Case("GET HTTP/1.1↵", "refused 400 malformedRequestLine"),
        Case("G(T / HTTP/1.1↵", "refused 400 malformedRequestLine"),
        Case("GET:/ HTTP/1.1↵", "refused 400 malformedRequestLine"),
        Case("GÉT / HTTP/1.1↵", "refused 400 malformedRequestLine"),
        Case("G␀T / HTTP/1.1↵", "refused 400 controlByte(0)"),
        Case("GET / HTTP/1.1␊Host: h␊␊", "refused 400 bareLineFeed"),
        Case("GET / HTTP/1.1␊", "refused 400 bareLineFeed"),
        Case("GET / HTTP/1.1␍␍␊", "refused 400 controlByte(13)"),
        Case("GET /␍x HTTP/1.1↵", "refused 400 controlByte(13)"),
        Case("GET /␍HTTP/1.1↵", "refused 400 controlByte(13)"),
        Case("GET /‹1B›", "refused 400 controlByte(27)"),
        Case("HTTP/1.1 200 OK↵", "refused 400 malformedRequestLine"),
    ])
    func malformed(request: Case) { request.check() }

    @Test("Only HTTP/1 versions are accepted", arguments: [
        Case("GET / HTTP/1.2↵Host: h↵↵", "GET / keep-alive", "complete"),
        Case("GET / HTTP/1.2↵↵", "refused 400 missingHost"),
        Case("GET / HTTP/2.0↵", "refused 505 unsupportedVersion"),
        Case("GET / HTTP/0.9↵", "refused 505 unsupportedVersion"),
        Case("GET / HTTP/3.1↵", "refused 505 unsupportedVersion"),
        Case("PRI * HTTP/2.0↵↵SM↵↵", "refused 505 unsupportedVersion"),
        Case("GET / HTTP/2↵", "refused 400 malformedVersion"),
        Case("GET / HTTP/11.1↵", "refused 400 malformedVersion"),
        Case("GET / HTTP/1.10↵", "refused 400 malformedVersion"),
        Case("GET / HTTP/1,1↵", "refused 400 malformedVersion"),
        Case("GET / HTTP/1.x↵", "refused 400 malformedVersion"),
        Case("GET / http/1.1↵", "refused 400 malformedVersion"),
        Case("GET / HTTPS/1.1↵", "refused 400 malformedVersion"),
        Case("GET / HTTP/ 1.1↵", "refused 400 malformedVersion"),
        Case("GET / ICY/1.1↵", "refused 400 malformedVersion"),
    ])
    func versions(request: Case) { request.check() }

    @Test("A first byte that cannot begin a method is refused at once", arguments: [
        Case("‹16›‹03›‹01›", "refused 400 notARequest(firstByte: 22)"),
        Case("‹80›", "refused 400 notARequest(firstByte: 128)"),
        Case("␀", "refused 400 notARequest(firstByte: 0)"),
        Case(" GET / HTTP/1.1↵", "refused 400 notARequest(firstByte: 32)"),
        Case("{}", "refused 400 notARequest(firstByte: 123)"),
        Case("\"", "refused 400 notARequest(firstByte: 34)"),
        Case("␊", "refused 400 bareLineFeed"),
        Case("␊GET / HTTP/1.1↵", "refused 400 bareLineFeed"),
    ])
    func notHTTP(request: Case) { request.check() }

    @Test("Two empty lines before a request are ignored, a third is refused", arguments: [
        Case("↵"),
        Case("↵↵"),
        Case("↵GET / HTTP/1.1↵Host: h↵↵", "GET / keep-alive", "complete"),
        Case("↵↵GET / HTTP/1.1↵Host: h↵↵", "GET / keep-alive", "complete"),
        Case("↵↵↵", "refused 400 tooManyEmptyLines(limit: 2)"),
        Case("↵␊", "refused 400 bareLineFeed"),
        Case("␍GET / HTTP/1.1↵", "refused 400 controlByte(13)"),
        Case("␍␍␊", "refused 400 controlByte(13)"),
        Case("␍", "unfinished"),
        Case(""),
        Case("G", "unfinished"),
        Case("GET / HTTP/1.1", "unfinished"),
        Case("GET / HTTP/1.1↵", "unfinished"),
        Case("GET / HTTP/1.1↵Host: h↵", "unfinished"),
        Case("GET / HTTP/1.1↵Host: h↵␍", "unfinished"),
    ])
    func emptyLinesAndPrefixes(request: Case) { request.check() }
}
