import HTTP
import Testing

@Suite struct FieldTests {
    @Test("A field line is a token, a colon and a value", arguments: [
        Case.fields("X: y", "GET /a keep-alive", "complete"),
        Case.fields("X:y", "GET /a keep-alive", "complete"),
        Case.fields("X:", "GET /a keep-alive", "complete"),
        Case.fields("X: ␉ y ␉ ", "GET /a keep-alive", "complete"),
        Case.fields("X: a␉b c:d", "GET /a keep-alive", "complete"),
        Case.fields("X: é‹80›‹FF›", "GET /a keep-alive", "complete"),
        Case.fields("!#$%&'*+-.^_`|~: y", "GET /a keep-alive", "complete"),
        Case.fields("x: 1↵X: 2↵x: 3", "GET /a keep-alive", "complete"),
        Case.fields("1: 2", "GET /a keep-alive", "complete"),
    ])
    func accepted(request: Case) { request.check() }

    @Test("Every other field line is refused", arguments: [
        Case.fields("X : y", "refused 400 malformedField"),
        Case.fields("X␉: y", "refused 400 malformedField"),
        Case.fields(" X: y", "refused 400 foldedField"),
        Case.fields("X: y↵ z", "refused 400 foldedField"),
        Case.fields("X: y↵␉z", "refused 400 foldedField"),
        Case("GET / HTTP/1.1↵ Host: h↵↵", "refused 400 foldedField"),
        Case.fields(" ", "refused 400 foldedField"),
        Case.fields(": y", "refused 400 malformedField"),
        Case.fields("X", "refused 400 malformedField"),
        Case.fields("X y", "refused 400 malformedField"),
        Case.fields("X(a): y", "refused 400 malformedField"),
        Case.fields("X\"Y\": y", "refused 400 malformedField"),
        Case.fields("é: y", "refused 400 malformedField"),
        Case.fields("X@: y", "refused 400 malformedField"),
        Case.fields("X␀: y", "refused 400 controlByte(0)"),
        Case.fields("␀", "refused 400 controlByte(0)"),
        Case.fields("X: a␀b", "refused 400 controlByte(0)"),
        Case.fields("X: a‹01›b", "refused 400 controlByte(1)"),
        Case.fields("X: a‹1F›b", "refused 400 controlByte(31)"),
        Case.fields("X: ‹7F›", "refused 400 controlByte(127)"),
        Case.fields("X: a␍b", "refused 400 controlByte(13)"),
        Case.fields("X: a␍", "refused 400 controlByte(13)"),
        Case.fields("X: a long value with many bytes and one ‹08› among them", "refused 400 controlByte(8)"),
        Case.fields("X␍: y", "refused 400 controlByte(13)"),
        Case.fields("X: y␊Y: z", "refused 400 bareLineFeed"),
        Case("GET / HTTP/1.1↵Host: h␊↵", "refused 400 bareLineFeed"),
        Case("GET / HTTP/1.1↵Host: h↵␊", "refused 400 bareLineFeed"),
        Case("GET / HTTP/1.1↵Host: h↵␍␍␊", "refused 400 controlByte(13)"),
    ])
    func refused(request: Case) { request.check() }

    @Test("HTTP/1.1 requires exactly one valid Host", arguments: [
        Case("GET / HTTP/1.1↵↵", "refused 400 missingHost"),
        Case("GET / HTTP/1.1↵X: y↵↵", "refused 400 missingHost"),
        Case("GET / HTTP/1.1↵Hos: h↵Hostt: h↵↵", "refused 400 missingHost"),
        Case("GET / HTTP/1.1↵Host: h↵Host: h↵↵", "refused 400 repeatedHost"),
        Case("GET / HTTP/1.1↵Host: h↵HOST: i↵↵", "refused 400 repeatedHost"),
        Case("GET / HTTP/1.0↵Host: h↵Host: h↵↵", "refused 400 repeatedHost"),
        Case("GET http://h/ HTTP/1.1↵↵", "refused 400 missingHost"),
        // The target in origin form takes its authority from Host, and an http URI must not have an empty one.
        Case("GET / HTTP/1.1↵Host:↵↵", "refused 400 emptyHost"),
        Case("OPTIONS / HTTP/1.1↵Host: ␉ ↵↵", "refused 400 emptyHost"),
        // The authority of an absolute form replaces Host, and `*` names no resource below an authority.
        Case("GET http://h/ HTTP/1.1↵Host:↵↵", "GET / keep-alive", "complete"),
        Case("GET http://h HTTP/1.1↵Host:↵↵", "GET / keep-alive", "complete"),
        Case("GET http://h/ HTTP/1.1↵Host: a b↵↵", "refused 400 invalidHost"),
        Case("OPTIONS * HTTP/1.1↵Host:↵↵", "OPTIONS * keep-alive", "complete"),
        Case("GET / HTTP/1.0↵Host:↵↵", "GET / close", "complete"),
        Case("GET / HTTP/1.1↵hOsT: example.org:8080↵↵", "GET / keep-alive", "complete"),
        Case("GET / HTTP/1.1↵Host: 127.0.0.1:↵↵", "GET / keep-alive", "complete"),
        Case("GET / HTTP/1.1↵Host: [2001:db8::1]:80↵↵", "GET / keep-alive", "complete"),
        Case("GET / HTTP/1.1↵Host: a_b~c%20!↵↵", "GET / keep-alive", "complete"),
        Case("GET / HTTP/1.1↵Host: a b↵↵", "refused 400 invalidHost"),
        Case("GET / HTTP/1.1↵Host: a,b↵↵", "refused 400 invalidHost"),
        Case("GET / HTTP/1.1↵Host: a/b↵↵", "refused 400 invalidHost"),
        Case("GET / HTTP/1.1↵Host: u@h↵↵", "refused 400 invalidHost"),
        Case("GET / HTTP/1.1↵Host: :80↵↵", "refused 400 invalidHost"),
        Case("GET / HTTP/1.1↵Host: h:80:81↵↵", "refused 400 invalidHost"),
        Case("GET / HTTP/1.1↵Host: h:http↵↵", "refused 400 invalidHost"),
        Case("GET / HTTP/1.1↵Host: h:-1↵↵", "refused 400 invalidHost"),
        Case("GET / HTTP/1.1↵Host: []↵↵", "refused 400 invalidHost"),
        Case("GET / HTTP/1.1↵Host: [::1↵↵", "refused 400 invalidHost"),
        Case("GET / HTTP/1.1↵Host: [::1]80↵↵", "refused 400 invalidHost"),
        Case("GET / HTTP/1.1↵Host: héllo↵↵", "refused 400 invalidHost"),
        Case("GET / HTTP/1.1↵Host: h?↵↵", "refused 400 invalidHost"),
    ])
    func hosts(request: Case) { request.check() }
}
