import Testing

@Suite struct FramingTests {
    @Test("Content-Length is exactly one decimal number", arguments: [
        Case.post("Content-Length: 5", then: "hello", "POST /p keep-alive", "body: hello", "complete"),
        Case.post("content-length:5␉", then: "hello", "POST /p keep-alive", "body: hello", "complete"),
        Case.post("Content-Length: 005", then: "hello", "POST /p keep-alive", "body: hello", "complete"),
        Case.post("Content-Length: 0", then: "", "POST /p keep-alive", "complete"),
        Case.post("Content-Length: 3", then: "a␀↵␊", "POST /p keep-alive", "body: a\0\r", "complete",
            "refused 400 bareLineFeed"),
        Case.post("Content-Length: 5", then: "hel", "POST /p keep-alive", "body: hel", "unfinished"),
        Case.post("Content-Length: 1", then: "", "POST /p keep-alive", "unfinished"),
        Case.fields("Content-Length: 2", "GET /a keep-alive", "unfinished"),
        Case("DELETE /d HTTP/1.1↵Host: h↵Content-Length: 2↵↵xy", "DELETE /d keep-alive", "body: xy", "complete"),
        Case("PUT /d HTTP/1.0↵Content-Length: 2↵↵xy", "PUT /d close", "body: xy", "complete"),
        Case("HEAD /d HTTP/1.1↵Host: h↵Content-Length: 2↵↵xy", "HEAD /d keep-alive", "body: xy", "complete"),
        Case.post("Content-Length: -1", then: "", "refused 400 malformedContentLength"),
        Case.post("Content-Length: +1", then: "x", "refused 400 malformedContentLength"),
        Case.post("Content-Length: 1 1", then: "x", "refused 400 malformedContentLength"),
        Case.post("Content-Length: 0x5", then: "hello", "refused 400 malformedContentLength"),
        Case.post("Content-Length: 5.0", then: "hello", "refused 400 malformedContentLength"),
        Case.post("Content-Length: 1_000", then: "hello", "refused 400 malformedContentLength"),
        Case.post("Content-Length: 5, 5", then: "hello", "refused 400 malformedContentLength"),
        Case.post("Content-Length: 5,", then: "hello", "refused 400 malformedContentLength"),
        Case.post("Content-Length: five", then: "hello", "refused 400 malformedContentLength"),
        Case.post("Content-Length:", then: "", "refused 400 malformedContentLength"),
        Case.post("Content-Length: ٥", then: "hello", "refused 400 malformedContentLength"),
        Case.post("Content-Length: 9223372036854775808", then: "", "refused 400 malformedContentLength"),
        Case.post("Content-Length: 18446744073709551621", then: "", "refused 400 malformedContentLength"),
        Case.post("Content-Length: 99999999999999999999999", then: "", "refused 400 malformedContentLength"),
        Case.post("Content-Length: 9223372036854775807", then: "", "POST /p keep-alive",
            "refused 413 bodyTooLarge(limitBytes: 1048576)"),
        Case.post("Content-Length: 5↵Content-Length: 5", then: "hello", "refused 400 repeatedContentLength"),
        Case.post("Content-Length: 5↵content-length: 6", then: "hello", "refused 400 repeatedContentLength"),
        Case.post("Content-Length : 5", then: "hello", "refused 400 malformedField"),
        Case.post("Content-Length: 1↵␊", then: "", "refused 400 bareLineFeed"),
    ])
    func lengths(request: Case) { request.check() }

    @Test("PUT and POST require a body length", arguments: [
        Case("POST / HTTP/1.1↵Host: h↵↵", "refused 411 lengthRequired"),
        Case("PUT / HTTP/1.1↵Host: h↵↵", "refused 411 lengthRequired"),
        Case("PUT / HTTP/1.0↵↵", "refused 411 lengthRequired"),
        Case("put / HTTP/1.1↵Host: h↵↵", "put / keep-alive", "complete"),
        Case("DELETE / HTTP/1.1↵Host: h↵↵", "DELETE / keep-alive", "complete"),
    ])
    func required(request: Case) { request.check() }

    @Test("Transfer-Encoding must be chunked, alone and once", arguments: [
        Case.post("Transfer-Encoding: chunked", then: "0↵↵", "POST /p keep-alive", "complete"),
        Case.post("TRANSFER-ENCODING:␉ChUnKeD ", then: "0↵↵", "POST /p keep-alive", "complete"),
        Case.post("Transfer-Encoding: gzip", then: "", "refused 501 unknownTransferCoding"),
        Case.post("Transfer-Encoding: identity", then: "", "refused 501 unknownTransferCoding"),
        Case.post("Transfer-Encoding: xchunked", then: "", "refused 501 unknownTransferCoding"),
        Case.post("Transfer-Encoding: chunked1", then: "", "refused 501 unknownTransferCoding"),
        Case.post("Transfer-Encoding: gzip, chunked", then: "0↵↵", "refused 501 unknownTransferCoding"),
        Case.post("Transfer-Encoding: identity, chunked", then: "0↵↵", "refused 501 unknownTransferCoding"),
        Case.post("Transfer-Encoding: chunked, chunked", then: "0↵↵", "refused 400 malformedTransferEncoding"),
        Case.post("Transfer-Encoding: chunked, gzip", then: "0↵↵", "refused 400 malformedTransferEncoding"),
        Case.post("Transfer-Encoding: chunked,", then: "0↵↵", "refused 400 malformedTransferEncoding"),
        Case.post("Transfer-Encoding: ,chunked", then: "0↵↵", "refused 400 malformedTransferEncoding"),
        Case.post("Transfer-Encoding:", then: "", "refused 400 malformedTransferEncoding"),
        Case.post("Transfer-Encoding: chunked;q=1", then: "0↵↵", "refused 400 malformedTransferEncoding"),
        Case.post("Transfer-Encoding: \"chunked\"", then: "0↵↵", "refused 400 malformedTransferEncoding"),
        Case.post("Transfer-Encoding: chunked chunked", then: "", "refused 400 malformedTransferEncoding"),
        Case.post("Transfer-Encoding: ‹0B›chunked", then: "", "refused 400 controlByte(11)"),
        Case.post("Transfer-Encoding: chunked‹A0›", then: "", "refused 400 malformedTransferEncoding"),
        Case.post("Transfer-Encoding: chunked↵Transfer-Encoding: chunked", then: "",
            "refused 400 malformedTransferEncoding"),
        Case.post("Transfer-Encoding: gzip↵Transfer-Encoding: chunked", then: "",
            "refused 400 malformedTransferEncoding"),
        Case.post("Transfer-Encoding : chunked", then: "", "refused 400 malformedField"),
        Case.post("Transfer-Encoding↵: chunked", then: "", "refused 400 malformedField"),
        Case.post("X: y␊Transfer-Encoding: chunked", then: "", "refused 400 bareLineFeed"),
        Case.post("Transfer_Encoding: chunked", then: "", "refused 411 lengthRequired"),
        Case("POST / HTTP/1.0↵Transfer-Encoding: chunked↵↵", "refused 400 codingInHTTP10"),
        Case("POST / HTTP/1.0↵Transfer-Encoding: gzip↵↵", "refused 400 codingInHTTP10"),
        Case("POST / HTTP/1.0↵Transfer-Encoding: x↵Transfer-Encoding: y↵↵", "refused 400 codingInHTTP10"),
    ])
    func codings(request: Case) { request.check() }

    @Test("Content-Length together with Transfer-Encoding is refused in either order", arguments: [
        Case.post("Content-Length: 5↵Transfer-Encoding: chunked", then: "0↵↵", "refused 400 lengthBesideCoding"),
        Case.post("Transfer-Encoding: chunked↵Content-Length: 5", then: "0↵↵", "refused 400 lengthBesideCoding"),
        Case.post("Transfer-Encoding: chunked↵Content-Length: x", then: "0↵↵", "refused 400 lengthBesideCoding"),
        Case.post("Transfer-Encoding: identity↵Content-Length: 5", then: "", "refused 400 lengthBesideCoding"),
        Case.post("Transfer-Encoding:↵Content-Length: 5", then: "hello", "refused 400 lengthBesideCoding"),
        Case.fields("Transfer-Encoding: chunked↵Content-Length: 0", "refused 400 lengthBesideCoding"),
    ])
    func both(request: Case) { request.check() }
}
