import Observability
import Testing

@Suite struct TracestateTests {
    static let long = String(repeating: "a", count: 256)

    static let cases: [([String], String)] = [
        (["foo=1"], "foo=1"),
        (["foo=1,bar=2"], "foo=1,bar=2"),
        (["foo=1", "bar=2"], "foo=1,bar=2"),
        (["foo=1", "bar=2,rojo=1", "congo=2"], "foo=1,bar=2,rojo=1,congo=2"),
        // Empty members
        ([""], ""),
        (["foo=1", ""], "foo=1"),
        (["", "foo=1"], "foo=1"),
        (["foo=1,,,bar=2,"], "foo=1,bar=2"),
        // Spaces and tabs
        (["foo=1 \t , \t bar=2, \t baz=3"], "foo=1,bar=2,baz=3"),
        (["foo=1\t \t,\t \tbar=2,\t \tbaz=3"], "foo=1,bar=2,baz=3"),
        ([" foo=1", "\tfoo2=1 "], "foo=1,foo2=1"),
        (["foo= 1"], "foo= 1"),
        (["foo=a b"], "foo=a b"),
        // A tracestate with a repeated key is kept unchanged
        (["foo=1,foo=1"], "foo=1,foo=1"),
        (["foo=1", "foo=2"], "foo=1,foo=2"),
        // All allowed characters
        (["abcdefghijklmnopqrstuvwxyz0123456789_-*/@=1"], "abcdefghijklmnopqrstuvwxyz0123456789_-*/@=1"),
        (["0@v=1", "t@v=1", "a@b@c=1"], "0@v=1,t@v=1,a@b@c=1"),
        (["a=!\"#$%&'()*+-./0:;<>?@AZ[\\]^_`az{|}~"], "a=!\"#$%&'()*+-./0:;<>?@AZ[\\]^_`az{|}~"),
        ([long + "=1"], long + "=1"),
        (["k=" + long], "k=" + long),
        // One invalid member makes the whole tracestate invalid
        (["foo=1,BAR=2"], ""),
        (["foo=1", "bar"], ""),
        (["foo =1"], ""),
        (["FOO=1"], ""),
        (["foo.bar=1"], ""),
        (["foo@=1,é=2"], ""),
        (["@foo=1"], ""),
        (["_foo=1"], ""),
        (["-foo=1"], ""),
        (["*foo=1"], ""),
        (["/foo=1"], ""),
        (["=1"], ""),
        (["foo="], ""),
        (["foo= "], ""),
        (["foo=bar=baz"], ""),
        (["foo=,bar=3"], ""),
        (["foo=1\u{1}"], ""),
        (["foo=1\u{7F}"], ""),
        (["foo=é"], ""),
        (["foo=1;bar=2"], ""),
        ([long + "a=1"], ""),
        (["k=a" + long], ""),
        // A tracestate may have at most 32 members
        ([members(0..<32)], members(0..<32)),
        ([members(0..<33)], ""),
        ([members(0..<16), members(16..<32)], members(0..<32)),
        ([members(0..<32) + ",,,"], members(0..<32)),
        ([members(0..<32), members(32..<33)], ""),
    ]

    static func members(_ numbers: Range<Int>) -> String {
        numbers.map { "bar\($0)=\($0)" }.joined(separator: ",")
    }

    @Test("Members are joined in order, or all of them are dropped", arguments: cases)
    func verdict(fields: [String], expected: String) {
        #expect(passedOn(fields) == expected)
    }

    @Test("A tracestate that is too long loses complete members: first the long ones, then those on the right")
    func cut() {
        let big = "big=" + String(repeating: "b", count: 200)
        let small = (0..<10).map { "s\($0)=" + String(repeating: "c", count: 47) }
        #expect(passedOn([([big] + small).joined(separator: ",")]) == small.joined(separator: ","))
        #expect(passedOn([(small + ["x=1"]).joined(separator: ",")]) == small.joined(separator: ","))
        let full = (small.dropLast() + ["t=" + String(repeating: "d", count: 51)]).joined(separator: ",")
        #expect(full.utf8.count == 512)
        #expect(passedOn([full]) == full)
    }

    private func passedOn(_ fields: [String]) -> String {
        var bytes: [UInt8] = []
        let places = fields.map { field in
            let start = bytes.count
            bytes += Array(field.utf8)
            return start..<bytes.count
        }
        return String(decoding: Tracestate(fields: places, in: bytes.span).bytes, as: UTF8.self)
    }
}
