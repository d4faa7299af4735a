@testable import Observability
import Testing

/// The rules of W3C Trace Context, level 2, as one table of request headers and the resulting trace. Each case is read
/// like the headers of a real request.
@Suite struct TraceContextRulesTests {
    enum Verdict: Equatable, Sendable {
        /// The trace of the caller continues, with these flags and this tracestate.
        case continues(flags: UInt8 = 1, state: String = "")
        /// The request starts a new trace, which takes nothing from the caller's trace headers.
        case starts
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
        Rule("no headers", [], [], .starts),
        Rule("a valid traceparent", [good], [], .continues()),
        Rule("two equal traceparents", [good, good], [], .starts),
        Rule("two different traceparents", [good, "00-\(trace)-\(parent)-00"], ["foo=1"], .starts),
        Rule("two traceparents in one header", ["\(good),\(good)"], [], .starts),
        Rule("spaces and tabs around a traceparent", ["\t \(good) \t"], [], .continues()),
        Rule("version 00 with a field after the flags", [good + "-what-the-future-will-be-like"], [], .starts),
        Rule("version 00 with a dash after the flags", [good + "-"], [], .starts),
        Rule("a later version of the same length", ["cc-\(trace)-\(parent)-01"], [], .continues()),
        Rule("a later version with a field after a dash", ["cc-\(trace)-\(parent)-01-what"], [], .continues()),
        Rule("a later version with a field after a dot", ["cc-\(trace)-\(parent)-01.what"], [], .starts),
        Rule("a later version that is too short", ["cc-\(trace)-\(parent)-1"], [], .starts),
        Rule("version ff", ["ff-\(trace)-\(parent)-01"], [], .starts),
        Rule("a version that is not a number", [".0-\(trace)-\(parent)-01"], [], .starts),
        Rule("a version of three digits", ["000-\(trace)-\(parent)-01"], [], .starts),
        Rule("a version in upper case", ["CC-\(trace)-\(parent)-01"], [], .starts),
        Rule("a trace id of zeros", ["00-00000000000000000000000000000000-\(parent)-01"], [], .starts),
        Rule("a trace id with a dot", ["00-.2345678901234567890123456789012-\(parent)-01"], [], .starts),
        Rule("a trace id in upper case", ["00-ABCDEF01234567890123456789012345-\(parent)-01"], [], .starts),
        Rule("a trace id that is too long", ["00-\(trace)3-\(parent)-01"], [], .starts),
        Rule("a trace id that is too short", ["00-\(trace.dropLast())-\(parent)-01"], [], .starts),
        Rule("a parent id of zeros", ["00-\(trace)-0000000000000000-01"], [], .starts),
        Rule("a parent id with a dot", ["00-\(trace)-123456789012345.-01"], [], .starts),
        Rule("a parent id that is too long", ["00-\(trace)-\(parent)7-01"], [], .starts),
        Rule("a parent id that is too short", ["00-\(trace)-\(parent.dropLast())-01"], [], .starts),
        Rule("flags that are not a number", ["00-\(trace)-\(parent)-.0"], [], .starts),
        Rule("flags of three digits", ["00-\(trace)-\(parent)-001"], [], .starts),
        Rule("flags of one digit", ["00-\(trace)-\(parent)-1"], [], .starts),
        Rule("flags in upper case", ["00-\(trace)-\(parent)-0B"], [], .starts),
        Rule("not sampled", ["00-\(trace)-\(parent)-00"], [], .continues(flags: 0)),
        Rule("the random flag", ["00-\(trace)-\(parent)-02"], [], .continues(flags: 2)),
        Rule("the sampled and the random flag", ["00-\(trace)-\(parent)-03"], [], .continues(flags: 3)),
        Rule("unknown flags are not passed on", ["00-\(trace)-\(parent)-fc"], [], .continues(flags: 0)),
        Rule("an empty traceparent", [""], [], .starts),
    ]

    static let states: [Rule] = [
        Rule("a tracestate without a traceparent", [], ["foo=1"], .starts),
        Rule("a tracestate with an invalid traceparent", ["00-0-0-0"], ["foo=1"], .starts),
        Rule("an empty tracestate", [good], [""], .continues()),
        Rule("one member", [good], ["foo=1"], .continues(state: "foo=1")),
        Rule("several headers are joined in order", [good], ["a=1,b=2", "c=3"], .continues(state: "a=1,b=2,c=3")),
        Rule("an empty header among others", [good], ["foo=1", "", "bar=2"], .continues(state: "foo=1,bar=2")),
        Rule("empty members", [good], ["foo=1,,bar=2,"], .continues(state: "foo=1,bar=2")),
        Rule("spaces and tabs around members", [good], ["foo=1 \t , \tbar=2"], .continues(state: "foo=1,bar=2")),
        Rule("a space before the equals sign", [good], ["foo =1"], .continues()),
        Rule("a key in upper case", [good], ["FOO=1"], .continues()),
        Rule("a key with a dot", [good], ["foo.bar=1"], .continues()),
        Rule("a key that starts with a digit", [good], ["0foo=1"], .continues(state: "0foo=1")),
        Rule("a multi-tenant key", [good], ["fw529a3039@dt=FfAAa"], .continues(state: "fw529a3039@dt=FfAAa")),
        Rule("all punctuation that a key may contain", [good], ["a_-*/@9=1"], .continues(state: "a_-*/@9=1")),
        Rule("a key that starts with punctuation", [good], ["_foo=1"], .continues()),
        Rule("an empty key", [good], ["=1"], .continues()),
        Rule("an empty value", [good], ["foo="], .continues()),
        Rule("no equals sign", [good], ["foo"], .continues()),
        Rule("a second equals sign", [good], ["foo=bar=baz"], .continues()),
        Rule("a control byte in a value", [good], ["foo=a\u{1}b"], .continues()),
        Rule("a non-ASCII letter in a value", [good], ["foo=é"], .continues()),
        Rule("a space in a value", [good], ["foo=a b"], .continues(state: "foo=a b")),
        Rule("the longest key", [good], ["\(long)=1"], .continues(state: "\(long)=1")),
        Rule("a key that is too long", [good], ["\(long)k=1"], .continues()),
        Rule("the longest value", [good], ["k=\(long)"], .continues(state: "k=\(long)")),
        Rule("a value that is too long", [good], ["k=\(long)k"], .continues()),
        Rule("a repeated key", [good], ["foo=1,foo=2"], .continues(state: "foo=1,foo=2")),
        Rule("thirty-two members", [good], [members(32)], .continues(state: members(32))),
        Rule("thirty-three members", [good], [members(33)], .continues()),
        Rule("thirty-three members in two headers", [good], [members(32), "foo=1"], .continues()),
        Rule("one invalid member invalidates all, but not the trace", [good], ["foo=1,BAR=2,baz=3"], .continues()),
        Rule("an invalid header invalidates all headers", [good], ["foo=1", "bar"], .continues()),
    ]

    @Test("Each rule gives the expected trace", arguments: parents + states)
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
        case .continues(let flags, let expected):
            #expect(trace.traceID == TraceID(lowercaseHex: Array(Self.trace.utf8).span))
            #expect(trace.parent == SpanID(lowercaseHex: Array(Self.parent.utf8).span))
            #expect(trace.flags.rawValue == flags && state == expected)
        case .starts:
            #expect(trace.traceID != TraceID(lowercaseHex: Array(Self.trace.utf8).span))
            #expect(trace.parent == nil && trace.flags == .random && state.isEmpty)
        }
    }

    @Test("Rule names are unique, and there are at least as many rules as cases in the W3C test suite")
    func names() {
        let names = (Self.parents + Self.states).map(\.name)
        #expect(Set(names).count == names.count && names.count >= 41)
    }
}
