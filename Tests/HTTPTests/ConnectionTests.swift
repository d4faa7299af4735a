import Testing

@Suite struct ConnectionTests {
    @Test("The version and the Connection field decide whether a connection stays open", arguments: [
        Case.fields("Connection: close", "GET /a close", "complete"),
        Case.fields("connection: CLOSE", "GET /a close", "complete"),
        Case.fields("Connection: keep-alive", "GET /a keep-alive", "complete"),
        Case.fields("Connection: Upgrade, close", "GET /a close", "complete"),
        Case.fields("Connection: close, keep-alive", "GET /a close", "complete"),
        Case.fields("Connection: keep-alive, , close ,", "GET /a close", "complete"),
        Case.fields("Connection: x↵Connection: y↵Connection: close", "GET /a close", "complete"),
        Case.fields("Connection: closed", "GET /a keep-alive", "complete"),
        Case.fields("Connection: not close", "GET /a keep-alive", "complete"),
        Case.fields("Connection:", "GET /a keep-alive", "complete"),
        Case.fields("Proxy-Connection: close", "GET /a keep-alive", "complete"),
        Case("GET / HTTP/1.0↵Connection: keep-alive↵↵", "GET / keep-alive", "complete"),
        Case("GET / HTTP/1.0↵Connection: Keep-Alive, close↵↵", "GET / close", "complete"),
        Case("GET / HTTP/1.0↵Connection: x↵↵", "GET / close", "complete"),
        Case("GET / HTTP/1.0↵Connection: x↵Connection: keep-alive↵↵", "GET / keep-alive", "complete"),
        Case.fields("Connection: Upgrade↵Upgrade: h2c", "GET /a keep-alive", "complete"),
    ])
    func persistence(request: Case) { request.check() }

    @Test("100-continue is the only supported expectation", arguments: [
        Case.post("Expect: 100-continue↵Content-Length: 1", then: "x", "POST /p keep-alive expects 100", "body: x",
            "complete"),
        Case.post("EXPECT: 100-CONTINUE↵Transfer-Encoding: chunked", then: "0↵↵", "POST /p keep-alive expects 100",
            "complete"),
        Case.post("Expect:↵Content-Length: 1", then: "x", "POST /p keep-alive", "body: x", "complete"),
        Case.post("Expect: 100-continue↵Content-Length: 0", then: "", "POST /p keep-alive", "complete"),
        Case.fields("Expect: 100-continue", "GET /a keep-alive", "complete"),
        Case.fields("Expect: 200-ok", "refused 417 unknownExpectation"),
        Case.fields("Expect: 100-continue, x", "refused 417 unknownExpectation"),
        Case.fields("Expect: 100-continue↵Expect: x", "refused 417 unknownExpectation"),
        Case.fields("Expect: 100-continue=1", "refused 417 unknownExpectation"),
        Case("POST / HTTP/1.0↵Expect: 100-continue↵Content-Length: 1↵↵x", "POST / close", "body: x", "complete"),
        Case("GET / HTTP/1.0↵Expect: x↵↵", "GET / close", "complete"),
    ])
    func expectations(request: Case) { request.check() }

    @Test("Pipelined requests are parsed one by one, and none after a refusal", arguments: [
        Case("GET /1 HTTP/1.1↵Host: h↵↵GET /2 HTTP/1.1↵Host: h↵↵", "GET /1 keep-alive", "complete",
            "GET /2 keep-alive", "complete"),
        Case("PUT /1 HTTP/1.1↵Host: h↵Content-Length: 2↵↵abGET /2 HTTP/1.1↵Host: h↵↵", "PUT /1 keep-alive",
            "body: ab", "complete", "GET /2 keep-alive", "complete"),
        Case("PUT /1 HTTP/1.1↵Host: h↵Transfer-Encoding: chunked↵↵1↵a↵0↵T: t↵↵GET /2 HTTP/1.1↵Host: h↵↵",
            "PUT /1 keep-alive", "body: a", "complete", "GET /2 keep-alive", "complete"),
        Case("GET /1 HTTP/1.1↵Host: h↵↵↵↵GET /2 HTTP/1.0↵↵", "GET /1 keep-alive", "complete", "GET /2 close",
            "complete"),
        Case("↵↵GET /1 HTTP/1.1↵Host: h↵↵↵↵GET /2 HTTP/1.1↵Host: h↵↵", "GET /1 keep-alive", "complete",
            "GET /2 keep-alive", "complete"),
        Case("GET /1 HTTP/1.1↵Host: h↵↵↵↵↵", "GET /1 keep-alive", "complete",
            "refused 400 tooManyEmptyLines(limit: 2)"),
        Case("GET /1 HTTP/1.1↵Host: h↵↵‹16›", "GET /1 keep-alive", "complete",
            "refused 400 notARequest(firstByte: 22)"),
        Case("GET /1 HTTP/1.1↵Host: h↵X: y␊↵GET /2 HTTP/1.1↵Host: h↵↵", "refused 400 bareLineFeed"),
        Case("POST /1 HTTP/1.1↵Host: h↵Content-Length: 9999999↵↵GET /2 HTTP/1.1↵Host: h↵↵", "POST /1 keep-alive",
            "refused 413 bodyTooLarge(limitBytes: 1048576)"),
        // A body that looks like a request is not parsed as one.
        Case("POST /1 HTTP/1.1↵Host: h↵Content-Length: 19↵↵GET /x HTTP/1.1↵↵GET /2 HTTP/1.1↵Host: h↵↵",
            "POST /1 keep-alive", "body: GET /x HTTP/1.1\r\n\r\n", "complete", "GET /2 keep-alive", "complete"),
        Case("GET /1 HTTP/1.1↵Host: h↵Content-Length: 31↵↵GET /x HTTP/1.1↵Host: evil↵↵GET /2 HTTP/1.1↵Host: h↵↵",
            "GET /1 keep-alive", "body: GET /x HTTP/1.1\r\nHost: evil\r\n\r\n", "complete", "GET /2 keep-alive",
            "complete"),
        Case("POST /1 HTTP/1.1↵Host: h↵Content-Length: 16↵↵GET /x HTTP/1.1↵↵", "POST /1 keep-alive",
            "body: GET /x HTTP/1.1\r", "complete", "refused 400 bareLineFeed"),
        // Fields of one request do not affect the next.
        Case("GET /1 HTTP/1.1↵Host: h↵↵GET /2 HTTP/1.1↵↵", "GET /1 keep-alive", "complete",
            "refused 400 missingHost"),
        Case("GET /1 HTTP/1.1↵Host: h↵Connection: close↵↵GET /2 HTTP/1.1↵Host: h↵↵", "GET /1 close", "complete",
            "GET /2 keep-alive", "complete"),
        Case("PUT /1 HTTP/1.1↵Host: h↵Content-Length: 1↵Expect: 100-continue↵↵aPUT /2 HTTP/1.1↵Host: h↵↵",
            "PUT /1 keep-alive expects 100", "body: a", "complete", "refused 411 lengthRequired"),
        Case("GET /1 HTTP/1.1↵Host: h↵↵GET /2 HTTP/1.1↵Host", "GET /1 keep-alive", "complete", "unfinished"),
    ])
    func pipelines(request: Case) { request.check() }
}
