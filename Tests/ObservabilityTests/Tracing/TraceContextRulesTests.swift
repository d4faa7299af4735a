@testable import Observability
import Testing

/// The rules of W3C Trace Context, level 2, as one table: what a request bore, and what becomes of its trace. Each case
/// goes the whole way that a request's fields go.
@Suite struct TraceContextRulesTests {
    enum Verdict: Equatable, Sendable {
        /// The caller's trace goes on, with these flags and this state.
        case goesOn(flags: UInt8 = 1, state: String = "")
        /// A trace of its own, and nothing of the caller's in it.
        case fresh
    }

    struct Rule: Sendable, CustomTestStringConvertible {
        let name: String
        let traceparents: [String]
        let tracestates: [String]
        let verdict: Verdict

        var testDescription: String { name }

        init(_ name: String, _ traceparents: [String], _ tracestates: [String] = [], _ verdict: Verdict) {
            self.name = name
            self.traceparents = traceparents
            self.tracestates = tracestates
            self.verdict = verdict
        }
    }

    private static let trace = "12345678901234567890123456789012"
    private static let parent = "1234567890123456"
    private static let good = "00-\(trace)-\(parent)-01"
    private static let long = String(repeating: "k", count: 256)

    private static func members(_ count: Int) -> String {
        (1...count).map { "bar\($0)=\($0)" }.joined(separator: ",")
    }

    static let parents: [Rule] = [
        Rule("no fields at all", [], [], .fresh),
        Rule("a traceparent as it should be", [good], [], .goesOn()),
        Rule("two traceparents, the same", [good, good], [], .fresh),
        Rule("two traceparents, which differ", [good, "00-\(trace)-\(parent)-00"], ["foo=1"], .fresh),
        Rule("two in one field", ["\(good),\(good)"], [], .fresh),
        Rule("blanks around it", ["\t \(good) \t"], [], .goesOn()),
        Rule("version 00 goes on behind the flags", [good + "-what-the-future-will-be-like"], [], .fresh),
        Rule("version 00 with a dash behind the flags", [good + "-"], [], .fresh),
        Rule("a later version of the same length", ["cc-\(trace)-\(parent)-01"], [], .goesOn()),
        Rule("a later version that goes on behind a dash", ["cc-\(trace)-\(parent)-01-what"], [], .goesOn()),
        Rule("a later version that goes on behind a dot", ["cc-\(trace)-\(parent)-01.what"], [], .fresh),
        Rule("a later version that is too short", ["cc-\(trace)-\(parent)-1"], [], .fresh),
        Rule("version ff", ["ff-\(trace)-\(parent)-01"], [], .fresh),
        Rule("a version that is no number", [".0-\(trace)-\(parent)-01"], [], .fresh),
        Rule("a version of three digits", ["000-\(trace)-\(parent)-01"], [], .fresh),
        Rule("a version in upper case", ["CC-\(trace)-\(parent)-01"], [], .fresh),
        Rule("a trace id of zeros", ["00-00000000000000000000000000000000-\(parent)-01"], [], .fresh),
        Rule("a trace id with a dot", ["00-.2345678901234567890123456789012-\(parent)-01"], [], .fresh),
        Rule("a trace id in upper case", ["00-ABCDEF01234567890123456789012345-\(parent)-01"], [], .fresh),
        Rule("a trace id that is too long", ["00-\(trace)3-\(parent)-01"], [], .fresh),
        Rule("a trace id that is too short", ["00-\(trace.dropLast())-\(parent)-01"], [], .fresh),
        Rule("a parent id of zeros", ["00-\(trace)-0000000000000000-01"], [], .fresh),
        Rule("a parent id with a dot", ["00-\(trace)-123456789012345.-01"], [], .fresh),
        Rule("a parent id that is too long", ["00-\(trace)-\(parent)7-01"], [], .fresh),
        Rule("a parent id that is too short", ["00-\(trace)-\(parent.dropLast())-01"], [], .fresh),
        Rule("flags that are no number", ["00-\(trace)-\(parent)-.0"], [], .fresh),
        Rule("flags of three digits", ["00-\(trace)-\(parent)-001"], [], .fresh),
        Rule("flags of one digit", ["00-\(trace)-\(parent)-1"], [], .fresh),
        Rule("flags in upper case", ["00-\(trace)-\(parent)-0B"], [], .fresh),
        Rule("not sampled", ["00-\(trace)-\(parent)-00"], [], .goesOn(flags: 0)),
        Rule("a random id is said to be one", ["00-\(trace)-\(parent)-02"], [], .goesOn(flags: 2)),
        Rule("sampled and random", ["00-\(trace)-\(parent)-03"], [], .goesOn(flags: 3)),
        Rule("flags that nobody knows yet are not passed on", ["00-\(trace)-\(parent)-fc"], [], .goesOn(flags: 0)),
        Rule("an empty traceparent", [""], [], .fresh),
    ]

    static let states: [Rule] = [
        Rule("a state without a traceparent", [], ["foo=1"], .fresh),
        Rule("a state beside a bad traceparent", ["00-0-0-0"], ["foo=1"], .fresh),
        Rule("an empty state", [good], [""], .goesOn()),
        Rule("one member", [good], ["foo=1"], .goesOn(state: "foo=1")),
        Rule("several fields are joined in order", [good], ["a=1,b=2", "c=3"], .goesOn(state: "a=1,b=2,c=3")),
        Rule("an empty field among others", [good], ["foo=1", "", "bar=2"], .goesOn(state: "foo=1,bar=2")),
        Rule("empty members", [good], ["foo=1,,bar=2,"], .goesOn(state: "foo=1,bar=2")),
        Rule("blanks around members", [good], ["foo=1 \t , \tbar=2"], .goesOn(state: "foo=1,bar=2")),
        Rule("a blank before the sign", [good], ["foo =1"], .goesOn()),
        Rule("a key in upper case", [good], ["FOO=1"], .goesOn()),
        Rule("a key with a dot", [good], ["foo.bar=1"], .goesOn()),
        Rule("a key that begins with a digit", [good], ["0foo=1"], .goesOn(state: "0foo=1")),
        Rule("a key of several tenants", [good], ["fw529a3039@dt=FfAAa"], .goesOn(state: "fw529a3039@dt=FfAAa")),
        Rule("every sign that a key may hold", [good], ["a_-*/@9=1"], .goesOn(state: "a_-*/@9=1")),
        Rule("a key that begins with a sign", [good], ["_foo=1"], .goesOn()),
        Rule("an empty key", [good], ["=1"], .goesOn()),
        Rule("an empty value", [good], ["foo="], .goesOn()),
        Rule("no sign at all", [good], ["foo"], .goesOn()),
        Rule("a second equals sign", [good], ["foo=bar=baz"], .goesOn()),
        Rule("a control byte in a value", [good], ["foo=a\u{1}b"], .goesOn()),
        Rule("a letter beyond ASCII in a value", [good], ["foo=é"], .goesOn()),
        Rule("a blank within a value", [good], ["foo=a b"], .goesOn(state: "foo=a b")),
        Rule("the longest key", [good], ["\(long)=1"], .goesOn(state: "\(long)=1")),
        Rule("a key that is too long", [good], ["\(long)k=1"], .goesOn()),
        Rule("the longest value", [good], ["k=\(long)"], .goesOn(state: "k=\(long)")),
        Rule("a value that is too long", [good], ["k=\(long)k"], .goesOn()),
        Rule("a key said twice", [good], ["foo=1,foo=2"], .goesOn(state: "foo=1,foo=2")),
        Rule("thirty-two members", [good], [members(32)], .goesOn(state: members(32))),
        Rule("thirty-three members", [good], [members(33)], .goesOn()),
        Rule("thirty-three members in two fields", [good], [members(32), "foo=1"], .goesOn()),
        Rule("one bad member spoils all, but not the trace", [good], ["foo=1,BAR=2,baz=3"], .goesOn()),
        Rule("a bad field spoils the others", [good], ["foo=1", "bar"], .goesOn()),
    ]

    @Test("Every rule holds", arguments: parents + states)
    func rule(_ rule: Rule) {
        var bytes: [UInt8] = []
        func place(_ text: String) -> Range<Int> {
            let start = bytes.count
            bytes += Array(text.utf8)
            return start..<bytes.count
        }
        var fields = IdentityFields()
        let places = rule.traceparents.map(place)
        fields.traceparent = places.count > 1 ? .repeated : places.first.map { .single($0) } ?? .absent
        fields.tracestate = rule.tracestates.map(place)
        var source = SystemRandomNumberGenerator()
        let trace = RequestIdentity(fields, in: bytes.span, using: &source).trace
        let state = String(decoding: trace.tracestate.bytes, as: UTF8.self)
        switch rule.verdict {
        case .goesOn(let flags, let expected):
            #expect(trace.traceID == TraceID(lowercaseHex: Array(Self.trace.utf8).span))
            #expect(trace.parent == SpanID(lowercaseHex: Array(Self.parent.utf8).span))
            #expect(trace.flags.rawValue == flags && state == expected)
        case .fresh:
            #expect(trace.traceID != TraceID(lowercaseHex: Array(Self.trace.utf8).span))
            #expect(trace.parent == nil && trace.flags == .random && state.isEmpty)
        }
    }

    @Test("No two rules have one name, and there are as many as the public test suite has cases, at least")
    func names() {
        let names = (Self.parents + Self.states).map(\.name)
        #expect(Set(names).count == names.count && names.count >= 41)
    }
}
