import HTTP
import Testing

@Suite struct PreferenceTests {
    private func preferences(_ fields: String) -> [Preference]? {
        var parser = RequestParser()
        var offset = 0
        let event = parser.advance(bytes("GET / HTTP/1.1↵Host: h↵\(fields)↵↵").span, from: &offset)
        precondition(event == .head, "a head was expected, not \(event)")
        return parser.head.preferences(of: .accept)
    }

    private func described(_ fields: String) -> [String]? {
        preferences(fields)?.map { preference in
            let parameters = preference.parameters.map { ";\($0.name)=\($0.value)" }.joined()
            return "\(preference.name)\(parameters) \(preference.weight)"
        }
    }

    @Test("Alternatives are parsed in order, in lower case, with parameters and a weight in thousandths", arguments: [
        ("X: y", []),
        ("Accept:", []),
        ("Accept: text/plain", ["text/plain 1000"]),
        ("Accept: Text/PLAIN;Version=0.0.4;q=0.5 ,, */*;q=0.1", ["text/plain;version=0.0.4 500", "*/* 100"]),
        ("Accept: a;q=0, b ; q=1.000, c;q=0.001, d;q=0., e;q=1", ["a 0", "b 1000", "c 1", "d 0", "e 1000"]),
        (#"Accept: text/plain; charset="utf-8";; q=0.25;ext=1"#, ["text/plain;charset=utf-8;ext=1 250"]),
        ("Accept: a↵X: y↵Accept: b;q=0.9", ["a 1000", "b 900"]),
    ])
    func understood(fields: String, expected: [String]) {
        #expect(described(fields) == expected)
    }

    @Test("One malformed alternative makes the whole field unusable", arguments: [
        "a;q=2", "a;q=1.001", "a;q=0.1234", "a;q=-1", "a;q=", "a;q", "a;q=.5", "a b", "a;b", "a;=c", "a;b=c d", ";q=1",
        "a;q=0,5;q=x", #"a;b="c;d""#,
    ])
    func refused(value: String) {
        #expect(preferences("Accept: fine, \(value)") == nil)
    }
}
