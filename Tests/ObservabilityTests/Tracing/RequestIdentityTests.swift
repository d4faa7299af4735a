import Observability
import Testing

@Suite struct RequestIdentityTests {
    /// A generator for tests that counts: its first number is 1, the next 2, and so on.
    struct Counting: RandomNumberGenerator {
        var last: UInt64 = 0
        mutating func next() -> UInt64 {
            last += 1
            return last
        }
    }

    struct Case: Sendable {
        var requestID: [String] = []
        var traceID: [String] = []
        var traceparent: [String] = []
        var tracestate: [String] = []
        let expected: String
    }

    static let parent = "00-aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb-cccccccccccccccc-01"
    static let traced = "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb"
    static let uuid = "01234567-89ab-CDEF-0123-456789abcdef"
    static let hex = "0123456789abcdef0123456789abcdef"
    /// The ids expected from the counting generator when the trace id is generated first and a UUID request id after
    /// it.
    static let newTrace = "00000000000000010000000000000002"
    static let newUUID = "00000000-0000-4003-8000-000000000004"
    static let firstUUID = "00000000-0000-4001-8000-000000000002"

    static let cases = [
        Case(expected: "\(newUUID) \(newTrace) 02"),
        Case(requestID: ["demo-1"], expected: "demo-1 \(newTrace) 02"),
        Case(requestID: ["demo 1"], expected: "\(newUUID) \(newTrace) 02 refused"),
        Case(requestID: [""], expected: "\(newUUID) \(newTrace) 02 refused"),
        Case(requestID: ["a", "a"], expected: "\(newUUID) \(newTrace) 02 refused"),
        Case(requestID: ["a", "a"], traceID: [hex], expected: "\(hex) \(hex) 00 refused"),
        // X-Trace-ID is valid both as the request id and as the trace id
        Case(traceID: [hex], expected: "\(hex) \(hex) 00"),
        Case(traceID: [uuid], expected: "\(uuid) \(hex) 00"),
        Case(requestID: ["demo-1"], traceID: [hex], expected: "demo-1 \(hex) 00"),
        Case(requestID: ["no good"], traceID: [hex], expected: "\(hex) \(hex) 00 refused"),
        // X-Trace-ID is valid as a request id but not as a trace id
    ] + [
        "abc", "0123456789ABCDEF0123456789ABCDEF", "00000000000000000000000000000000",
        "00000000-0000-0000-0000-000000000000", "012345678-9ab-cdef-0123-456789abcdef",
    ].map { Case(traceID: [$0], expected: "\($0) \(newTrace) 02") } + [
        // X-Trace-ID is valid neither as a request id nor as a trace id
        Case(traceID: ["a b"], expected: "\(newUUID) \(newTrace) 02"),
        Case(traceID: [hex, hex], expected: "\(newUUID) \(newTrace) 02"),
        // The trace id comes from traceparent even if X-Trace-ID is valid
        Case(traceparent: [parent], expected: "\(firstUUID) \(traced) 01 < cccccccccccccccc"),
        Case(traceID: [hex], traceparent: [parent], expected: "\(hex) \(traced) 01 < cccccccccccccccc"),
        Case(requestID: ["demo-1"], traceparent: [parent], expected: "demo-1 \(traced) 01 < cccccccccccccccc"),
        Case(traceparent: [parent, parent], expected: "\(newUUID) \(newTrace) 02"),
        Case(traceID: [hex], traceparent: [parent, parent], expected: "\(hex) \(hex) 00"),
        Case(traceID: [hex], traceparent: ["00-nothing"], expected: "\(hex) \(hex) 00"),
        // tracestate is used only with a valid traceparent
        Case(
            traceparent: [parent], tracestate: ["a=1", "b=2"],
            expected: "\(firstUUID) \(traced) 01 < cccccccccccccccc a=1,b=2"),
        Case(traceparent: [parent], tracestate: ["A=1"], expected: "\(firstUUID) \(traced) 01 < cccccccccccccccc"),
        Case(tracestate: ["a=1"], expected: "\(newUUID) \(newTrace) 02"),
        Case(traceparent: ["00-nothing"], tracestate: ["a=1"], expected: "\(newUUID) \(newTrace) 02"),
        Case(traceparent: [parent, parent], tracestate: ["a=1"], expected: "\(newUUID) \(newTrace) 02"),
    ]

    @Test("The ids of a request come from its valid headers", arguments: cases)
    func verdict(of one: Case) {
        var head: [UInt8] = Array("GET / HTTP/1.1\r\n".utf8)
        func place(_ value: String) -> Range<Int> {
            let start = head.count
            head += Array(value.utf8)
            return start..<head.count
        }
        func field(_ values: [String]) -> FieldPlace {
            switch values.count {
            case 0: .absent
            case 1: .single(place(values[0]))
            default: .repeated
            }
        }
        let fields = IdentityFields(
            requestID: field(one.requestID), traceID: field(one.traceID), traceparent: field(one.traceparent),
            tracestate: one.tracestate.map(place))
        var generator = Counting()
        #expect(described(RequestIdentity(fields, in: head.span, using: &generator)) == one.expected)
    }

    private func described(_ identity: RequestIdentity) -> String {
        var text: [UInt8] = []
        identity.requestID.append(to: &text)
        text += Array(" ".utf8)
        identity.trace.traceID.append(to: &text)
        text += Array(" 0\(identity.trace.flags.rawValue)".utf8)
        if let parent = identity.trace.parent {
            text += Array(" < ".utf8)
            parent.append(to: &text)
        }
        if !identity.trace.tracestate.bytes.isEmpty { text += Array(" ".utf8) + identity.trace.tracestate.bytes }
        if identity.refusedRequestID { text += Array(" refused".utf8) }
        return String(decoding: text, as: UTF8.self)
    }

    @Test("A request id is 1 to 128 bytes that are safe in a header, a log line and a shell", arguments: [
        ("a", true), ("Zz09._~:/+=@-", true), (String(repeating: "x", count: 128), true),
        ("", false), (String(repeating: "x", count: 129), false), ("a b", false), (" a", false), ("a\tb", false),
        ("a\r\nSet-Cookie: b", false), ("a\nb", false), ("a\u{0}", false), ("a\u{1B}[31m", false), ("a\u{7F}", false),
        ("\"a\"", false), ("a'b", false), ("a\\b", false), ("a,b", false), ("a;b", false), ("<a>", false),
        ("{a}", false), ("a%20", false), ("a#b", false), ("a?b", false), ("a&b", false), ("$a", false),
        ("`a`", false), ("(a)", false), ("[a]", false), ("a*b", false), ("a!b", false), ("a|b", false),
        ("a^b", false), ("é", false), ("🦔", false),
    ])
    func requestID(text: String, isValid: Bool) {
        let read = RequestID(validating: Array(text.utf8).span)
        #expect((read != nil) == isValid)
    }

    @Test("Exactly the bytes of the alphabet are valid one-byte request ids")
    func alphabet() {
        let allowed = (0...UInt8.max).filter { RequestID(validating: [$0].span) != nil }
        let letters = "+-./0123456789:=@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~"
        #expect(String(decoding: allowed, as: UTF8.self) == letters)
    }

    @Test("New request ids are unique and valid UUIDs of version 4")
    func uuids() {
        var system = SystemRandomNumberGenerator()
        var generator = IdentifierGenerator(seededBy: &system)
        var seen: Set<String> = []
        for _ in 0..<1_000 {
            var text: [UInt8] = []
            RequestID(using: &generator).append(to: &text)
            #expect(text.count == 36 && text[14] == UInt8(ascii: "4") && "89ab".utf8.contains(text[19]))
            let read = RequestID(validating: text.span)
            #expect(read != nil)
            seen.insert(String(decoding: text, as: UTF8.self))
        }
        #expect(seen.count == 1_000)
    }

    @Test("A generator that returns only zeros still gives ids that are not zero")
    func zeros() {
        struct Zeros: RandomNumberGenerator { func next() -> UInt64 { 0 } }
        var zeros = Zeros()
        #expect(TraceID(using: &zeros) == TraceID(high: 0, low: 1))
        #expect(SpanID(using: &zeros) == SpanID(rawValue: 1))
        var generator = IdentifierGenerator(seededBy: &zeros)
        let drawn = (0..<100).map { _ in generator.next() }
        #expect(Set(drawn).count > 90)
    }
}
