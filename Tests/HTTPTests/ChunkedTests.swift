import HTTP
import Testing

/// A chunked POST whose body is `chunks`.
private func chunked(_ chunks: String, _ expected: String..., limits: HTTPLimits = .standard) -> Case {
    let head = "POST /c HTTP/1.1↵Host: h↵Transfer-Encoding: chunked↵↵"
    switch expected.count {
    case 1: return Case(head + chunks, "POST /c keep-alive", expected[0], limits: limits)
    case 2: return Case(head + chunks, "POST /c keep-alive", expected[0], expected[1], limits: limits)
    default: fatalError("a chunked case expects one or two lines")
    }
}

@Suite struct ChunkedTests {
    @Test("Chunks are joined and their framing is removed", arguments: [
        chunked("5↵hello↵0↵↵", "body: hello", "complete"),
        chunked("1↵a↵2↵bc↵3↵def↵0↵↵", "body: abcdef", "complete"),
        chunked("00005↵hello↵0000↵↵", "body: hello", "complete"),
        chunked("a↵0123456789↵0↵↵", "body: 0123456789", "complete"),
        chunked("A↵0123456789↵0↵↵", "body: 0123456789", "complete"),
        chunked("4↵0↵␊↵0↵↵", "body: 0\r\n\n", "complete"),
        chunked("5;name↵hello↵0;last↵↵", "body: hello", "complete"),
        chunked("5 ; a=\"b;c\"↵hello↵0␉;x↵↵", "body: hello", "complete"),
        chunked("5;a=b↵hello↵0;c=!#$%&'*+-.^_`|~↵↵", "body: hello", "complete"),
        chunked("5␉;␉a = b ;c;d=\"\"↵hello↵0↵↵", "body: hello", "complete"),
        chunked("5;a=\"\\\"\\\\␉é;, \\é\";b↵hello↵0↵↵", "body: hello", "complete"),
        chunked("0↵X: y↵Content-Length: 5↵↵", "complete"),
        chunked("5↵hel", "body: hel", "unfinished"),
        chunked("5↵hello↵0↵", "body: hello", "unfinished"),
        chunked("5↵hello↵0↵X: y↵", "body: hello", "unfinished"),
        chunked("5", "unfinished"),
    ])
    func accepted(request: Case) { request.check() }

    @Test("Malformed chunk framing is refused", arguments: [
        chunked("↵", "refused 400 malformedChunkSize"),
        chunked("x↵", "refused 400 malformedChunkSize"),
        chunked(";a↵", "refused 400 malformedChunkSize"),
        chunked("-5↵hello↵", "refused 400 malformedChunkSize"),
        chunked("+5↵hello↵", "refused 400 malformedChunkSize"),
        chunked("0x5↵hello↵", "refused 400 malformedChunkSize"),
        chunked(" 5↵hello↵", "refused 400 malformedChunkSize"),
        chunked("5 ↵hello↵", "refused 400 malformedChunkSize"),
        chunked("5␉↵hello↵", "refused 400 malformedChunkSize"),
        chunked("5 a↵hello↵", "refused 400 malformedChunkSize"),
        chunked("5g↵hello↵", "refused 400 malformedChunkSize"),
        chunked("5,5↵hello↵", "refused 400 malformedChunkSize"),
        chunked("5␊hello↵0↵↵", "refused 400 bareLineFeed"),
        chunked("5;a␊hello↵0↵↵", "refused 400 bareLineFeed"),
        chunked("5;a␍b↵hello↵0↵↵", "refused 400 controlByte(13)"),
        chunked("5;␀↵hello↵0↵↵", "refused 400 controlByte(0)"),
        chunked("5␍␍␊hello↵", "refused 400 controlByte(13)"),
        chunked("5↵hello␊0↵↵", "body: hello", "refused 400 malformedChunkEnd"),
        chunked("5↵hello␍0↵↵", "body: hello", "refused 400 malformedChunkEnd"),
        chunked("5↵helloo↵0↵↵", "body: hello", "refused 400 malformedChunkEnd"),
        chunked("5↵hello0↵↵", "body: hello", "refused 400 malformedChunkEnd"),
        chunked("6↵hello↵0↵↵", "body: hello\r", "refused 400 malformedChunkEnd"),
        chunked("0↵X: y␊↵", "refused 400 bareLineFeed"),
        chunked("0↵␊", "refused 400 bareLineFeed"),
        chunked("0↵X : y↵↵", "refused 400 malformedField"),
        chunked("0↵X: y↵ z↵↵", "refused 400 foldedField"),
        chunked("0↵X: ␀↵↵", "refused 400 controlByte(0)"),
        chunked("0↵hello↵↵", "refused 400 malformedField"),
    ])
    func refused(request: Case) { request.check() }

    @Test("Chunk extensions that RFC 9112, 7.1.1 does not allow are refused", arguments: [
        ";", "; ", ";;a", ";a;", ";a ", ";a␉", " ;a ", ";=b", ";a=", ";a= ", ";a= ;b", ";a=b c", ";a b", ";a==b",
        ";a=b=c",
        ";é", ";a=é", ";(a)", ";a,b", ";a/b", ";a=\"", ";a=\"b", ";a=\"b\\\"", ";a=\"b\"c", ";a=\"b\"\"c\"", ";\"a\"",
        ";a=b\"c\"", ";a=\"b\" ", ";a='b c'",
    ])
    func malformedExtensions(extensions: String) {
        chunked("5\(extensions)↵hello↵0↵↵", "refused 400 malformedChunkExtension").check()
        chunked("5↵hello↵0\(extensions)↵↵", "body: hello", "refused 400 malformedChunkExtension").check()
    }

    @Test("Chunk sizes beyond the limit or beyond any integer are refused as too large", arguments: [
        chunked("100001↵", "refused 413 bodyTooLarge(limitBytes: 1048576)"),
        chunked("7fffffffffffffff↵", "refused 413 bodyTooLarge(limitBytes: 1048576)"),
        chunked("8000000000000000↵", "refused 413 bodyTooLarge(limitBytes: 1048576)"),
        chunked("ffffffffffffffff↵", "refused 413 bodyTooLarge(limitBytes: 1048576)"),
        chunked("10000000000000005↵hello↵", "refused 413 bodyTooLarge(limitBytes: 1048576)"),
        chunked("1↵a↵100000↵", "body: a", "refused 413 bodyTooLarge(limitBytes: 1048576)"),
        chunked("1↵a↵7fffffffffffffff↵", "body: a", "refused 413 bodyTooLarge(limitBytes: 1048576)"),
    ])
    func sizes(request: Case) { request.check() }
}
