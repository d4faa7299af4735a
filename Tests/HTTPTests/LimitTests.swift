import HTTP
import Testing

private let small: HTTPLimits = {
    var limits = HTTPLimits()
    limits.maximumTargetBytes = 20
    limits.maximumHeadBytes = 128
    limits.maximumFields = 3
    limits.maximumBodyBytes = 5
    limits.maximumChunkLineBytes = 10
    limits.maximumChunkExtensionBytes = 12
    limits.maximumEmptyLines = 0
    return limits
}()

private func x(_ count: Int) -> String { String(repeating: "x", count: count) }

private func twice(_ text: String) -> String { text + text }

@Suite struct LimitTests {
    @Test("The default limits are exact to one byte or field", arguments: [
        Case("GET /\(x(12_287)) HTTP/1.1↵Host: h↵↵", "GET /\(x(12_287)) keep-alive", "complete"),
        Case("GET /\(x(12_288)) HTTP/1.1↵", "refused 414 targetTooLong(limitBytes: 12288)"),
        Case("GET /\(x(12_400))", "refused 414 targetTooLong(limitBytes: 12288)"),
        Case(x(12_400), "refused 414 targetTooLong(limitBytes: 12288)"),
        // Besides the value of X, the head has 32 bytes: 25 of the two lines before, 5 of `X: ` and its line end, and 2
        // of the empty line.
        Case("GET / HTTP/1.1↵Host: h↵X: \(x(16_384 - 32))↵↵", "GET / keep-alive", "complete"),
        Case("GET / HTTP/1.1↵Host: h↵X: \(x(16_384 - 31))↵↵", "refused 431 headTooLarge(limitBytes: 16384)"),
        Case("GET / HTTP/1.1↵Host: h↵X: \(x(17_000))", "refused 431 headTooLarge(limitBytes: 16384)"),
        Case("GET / HTTP/1.1↵Host: h↵\(String(repeating: "X: y↵", count: 99))↵", "GET / keep-alive", "complete"),
        Case("GET / HTTP/1.1↵Host: h↵\(String(repeating: "X: y↵", count: 100))↵",
            "refused 431 tooManyFields(limit: 100)"),
    ])
    func contract(request: Case) { request.check() }

    @Test("The size of a head is limited", arguments: [
        Case("GET /\(x(19)) HTTP/1.1↵Host: h↵↵", "GET /\(x(19)) keep-alive", "complete", limits: small),
        Case("GET /\(x(20)) HTTP/1.1↵Host: h↵↵", "refused 414 targetTooLong(limitBytes: 20)", limits: small),
        Case("GET http://h/\(x(10)) HTTP/1.1↵Host: h↵↵", "GET /\(x(10)) keep-alive", "complete", limits: small),
        Case("GET http://h/\(x(12)) HTTP/1.1↵", "refused 414 targetTooLong(limitBytes: 20)", limits: small),
        // With the limit of 20 bytes for targets, a complete request line may have 84 bytes.
        Case("\(x(71)) / HTTP/1.1↵Host: h↵↵", "\(x(71)) / keep-alive", "complete", limits: small),
        Case("\(x(72)) / HTTP/1.1↵Host: h↵↵", "refused 414 targetTooLong(limitBytes: 20)", limits: small),
        Case("GET / HTTP/1.1↵Host: h↵A: b↵C: d↵↵", "GET / keep-alive", "complete", limits: small),
        Case("GET / HTTP/1.1↵Host: h↵A: b↵C: d↵E: f↵↵", "refused 431 tooManyFields(limit: 3)", limits: small),
        Case("GET / HTTP/1.1↵Host: h↵X: \(x(96))↵↵", "GET / keep-alive", "complete", limits: small),
        Case("GET / HTTP/1.1↵Host: h↵X: \(x(97))↵↵", "refused 431 headTooLarge(limitBytes: 128)", limits: small),
        Case("GET / HTTP/1.1↵Host: h↵X: \(x(98))↵", "refused 431 headTooLarge(limitBytes: 128)", limits: small),
        Case("GET / HTTP/1.1↵Host: h↵X: \(x(200))␊", "refused 431 headTooLarge(limitBytes: 128)", limits: small),
        Case("↵GET / HTTP/1.1↵Host: h↵↵", "refused 400 tooManyEmptyLines(limit: 0)", limits: small),
    ])
    func heads(request: Case) { request.check() }

    @Test("The size of a body is limited with every framing", arguments: [
        Case("PUT / HTTP/1.1↵Host: h↵Content-Length: 5↵↵hello", "PUT / keep-alive", "body: hello", "complete",
            limits: small),
        Case("PUT / HTTP/1.1↵Host: h↵Content-Length: 6↵↵hello!", "PUT / keep-alive",
            "refused 413 bodyTooLarge(limitBytes: 5)", limits: small),
        Case("GET / HTTP/1.1↵Host: h↵Content-Length: 6↵↵", "GET / keep-alive",
            "refused 413 bodyTooLarge(limitBytes: 5)", limits: small),
        Case("PUT / HTTP/1.1↵Host: h↵Transfer-Encoding: chunked↵↵2↵he↵3↵llo↵0↵↵", "PUT / keep-alive",
            "body: hello", "complete", limits: small),
        Case("PUT / HTTP/1.1↵Host: h↵Transfer-Encoding: chunked↵↵2↵he↵4↵llo!↵0↵↵", "PUT / keep-alive",
            "body: he", "refused 413 bodyTooLarge(limitBytes: 5)", limits: small),
        Case("PUT / HTTP/1.1↵Host: h↵Transfer-Encoding: chunked↵↵6↵", "PUT / keep-alive",
            "refused 413 bodyTooLarge(limitBytes: 5)", limits: small),
    ])
    func bodies(request: Case) { request.check() }

    @Test("Chunk framing and trailers are limited", arguments: [
        Case("PUT / HTTP/1.1↵Host: h↵Transfer-Encoding: chunked↵↵00000001↵a↵0↵↵", "PUT / keep-alive", "body: a",
            "complete", limits: small),
        Case("PUT / HTTP/1.1↵Host: h↵Transfer-Encoding: chunked↵↵000000001↵a↵0↵↵", "PUT / keep-alive",
            "refused 400 chunkLineTooLong(limitBytes: 10)", limits: small),
        Case("PUT / HTTP/1.1↵Host: h↵Transfer-Encoding: chunked↵↵0000000000000000", "PUT / keep-alive",
            "refused 400 chunkLineTooLong(limitBytes: 10)", limits: small),
        Case("PUT / HTTP/1.1↵Host: h↵Transfer-Encoding: chunked↵↵1;abcde↵a↵1;abcde↵b↵0↵↵", "PUT / keep-alive",
            "body: ab", "complete", limits: small),
        Case("PUT / HTTP/1.1↵Host: h↵Transfer-Encoding: chunked↵↵1;abcde↵a↵1;abcdef↵b↵0↵↵", "PUT / keep-alive",
            "body: a", "refused 400 chunkExtensionsTooLarge(limitBytes: 12)", limits: small),
        Case("PUT / HTTP/1.1↵Host: h↵Transfer-Encoding: chunked↵↵0000001↵a↵0000001↵b↵0↵↵", "PUT / keep-alive",
            "body: ab", "complete", limits: small),
        Case("PUT / HTTP/1.1↵Host: h↵Transfer-Encoding: chunked↵↵0000001↵a↵0000001↵b↵00↵↵", "PUT / keep-alive",
            "body: ab", "refused 400 chunkExtensionsTooLarge(limitBytes: 12)", limits: small),
        Case("PUT / HTTP/1.1↵Host: h↵Transfer-Encoding: chunked↵↵0↵A: b↵C: d↵E: f↵↵", "PUT / keep-alive",
            "complete", limits: small),
        Case("PUT / HTTP/1.1↵Host: h↵Transfer-Encoding: chunked↵↵0↵A: b↵C: d↵E: f↵G: h↵↵", "PUT / keep-alive",
            "refused 431 tooManyFields(limit: 3)", limits: small),
        Case("PUT / HTTP/1.1↵Host: h↵Transfer-Encoding: chunked↵↵0↵A: b↵C: \(x(115))↵↵", "PUT / keep-alive",
            "complete", limits: small),
        Case("PUT / HTTP/1.1↵Host: h↵Transfer-Encoding: chunked↵↵0↵A: b↵C: \(x(116))↵↵", "PUT / keep-alive",
            "refused 431 headTooLarge(limitBytes: 128)", limits: small),
        // The counts of chunk framing and trailers start at zero for the next request on the connection.
        Case(twice("PUT / HTTP/1.1↵Host: h↵Transfer-Encoding: chunked↵↵5;abcde↵hello↵0;bcde↵A: b↵C: d↵↵"),
            "PUT / keep-alive", "body: hello", "complete", "PUT / keep-alive", "body: hello", "complete",
            limits: small),
        Case(twice("PUT / HTTP/1.1↵Host: h↵Transfer-Encoding: chunked↵↵0↵A: \(x(98))↵↵"),
            "PUT / keep-alive", "complete", "PUT / keep-alive", "complete", limits: small),
    ])
    func chunks(request: Case) { request.check() }

    @Test("A body limit set for one request does not apply to the next")
    func routes() {
        let pipeline = bytes("PUT / HTTP/1.1↵Host: h↵Content-Length: 7↵↵1234567")
        #expect(transcript(of: pipeline, limits: small, maximumBodyBytes: 7)
            == ["PUT / keep-alive", "body: 1234567", "complete"])
        #expect(transcript(of: pipeline, limits: small, maximumBodyBytes: 6)
            == ["PUT / keep-alive", "refused 413 bodyTooLarge(limitBytes: 6)"])

        var parser = RequestParser(limits: small)
        var offset = 0
        #expect(parser.advance(pipeline.span, from: &offset) == .head)
        parser.maximumBodyBytes = 7
        while parser.advance(pipeline.span, from: &offset) != .complete {}
        offset = 0
        #expect(parser.advance(pipeline.span, from: &offset) == .head)
        #expect(parser.maximumBodyBytes == 5)
    }

    @Test("A body that is too large is refused before a byte of it is read")
    func early() {
        let head = bytes("PUT / HTTP/1.1↵Host: h↵Expect: 100-continue↵Content-Length: 6↵↵")
        var parser = RequestParser(limits: small)
        var offset = 0
        #expect(parser.advance(head.span, from: &offset) == .head)
        #expect(offset == head.count)
        #expect(parser.advance(head.span, from: &offset) == .refused(.framing(.bodyTooLarge(limitBytes: 5))))
    }
}
