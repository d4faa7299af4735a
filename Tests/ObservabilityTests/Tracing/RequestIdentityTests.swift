import Observability
import Testing

@Suite struct RequestIdentityTests {
    /// Draws 1, 2, 3...
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
        let says: String
    }

    static let parent = "00-aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb-cccccccccccccccc-01"
    static let traced = "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb"
    static let uuid = "01234567-89ab-CDEF-0123-456789abcdef"
    static let hex = "0123456789abcdef0123456789abcdef"
    /// New ids, as `Counting` makes them when the trace id is drawn first.
    static let newTrace = "00000000000000010000000000000002"
    static let newUUID = "00000000-0000-4003-8000-000000000004"
    static let firstUUID = "00000000-0000-4001-8000-000000000002"

    static let cases = [
        Case(says: "\(newUUID) \(newTrace) 02"),
        Case(requestID: ["demo-1"], says: "demo-1 \(newTrace) 02"),
        Case(requestID: ["demo 1"], says: "\(newUUID) \(newTrace) 02 refused"),
        Case(requestID: [""], says: "\(newUUID) \(newTrace) 02 refused"),
        Case(requestID: ["a", "a"], says: "\(newUUID) \(newTrace) 02 refused"),
        Case(requestID: ["a", "a"], traceID: [hex], says: "\(hex) \(hex) 00 refused"),
        // X-Trace-ID serves both
        Case(traceID: [hex], says: "\(hex) \(hex) 00"),
        Case(traceID: [uuid], says: "\(uuid) \(hex) 00"),
        Case(requestID: ["demo-1"], traceID: [hex], says: "demo-1 \(hex) 00"),
        Case(requestID: ["no good"], traceID: [hex], says: "\(hex) \(hex) 00 refused"),
        // ...or only as text
    ] + [
        "abc", "0123456789ABCDEF0123456789ABCDEF", "00000000000000000000000000000000",
        "00000000-0000-0000-0000-000000000000", "012345678-9ab-cdef-0123-456789abcdef",
    ].map { Case(traceID: [$0], says: "\($0) \(newTrace) 02") } + [
        // ...or not at all
        Case(traceID: ["a b"], says: "\(newUUID) \(newTrace) 02"),
        Case(traceID: [hex, hex], says: "\(newUUID) \(newTrace) 02"),
        // traceparent decides the trace
        Case(traceparent: [parent], says: "\(firstUUID) \(traced) 01 < cccccccccccccccc"),
        Case(traceID: [hex], traceparent: [parent], says: "\(hex) \(traced) 01 < cccccccccccccccc"),
        Case(requestID: ["demo-1"], traceparent: [parent], says: "demo-1 \(traced) 01 < cccccccccccccccc"),
        Case(traceparent: [parent, parent], says: "\(newUUID) \(newTrace) 02"),
        Case(traceID: [hex], traceparent: [parent, parent], says: "\(hex) \(hex) 00"),
        Case(traceID: [hex], traceparent: ["00-nothing"], says: "\(hex) \(hex) 00"),
        // tracestate goes with a valid traceparent only
        Case(
            traceparent: [parent], tracestate: ["a=1", "b=2"],
            says: "\(firstUUID) \(traced) 01 < cccccccccccccccc a=1,b=2"),
        Case(traceparent: [parent], tracestate: ["A=1"], says: "\(firstUUID) \(traced) 01 < cccccccccccccccc"),
        Case(tracestate: ["a=1"], says: "\(newUUID) \(newTrace) 02"),
        Case(traceparent: ["00-nothing"], tracestate: ["a=1"], says: "\(newUUID) \(newTrace) 02"),
        Case(traceparent: [parent, parent], tracestate: ["a=1"], says: "\(newUUID) \(newTrace) 02"),
    ]

    @Test("A request is called what it says, as far as that is valid", arguments: cases)
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
        #expect(said(RequestIdentity(fields, in: head.span, using: &generator)) == one.says)
    }

    private func said(_ identity: RequestIdentity) -> String {
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

    @Test("A request id is 1 to 128 bytes of what cannot harm a header, a log line or a shell's eye", arguments: [
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

    @Test("Of all single bytes exactly those of the alphabet are a request id")
    func alphabet() {
        let allowed = (0...UInt8.max).filter { RequestID(validating: [$0].span) != nil }
        let letters = "+-./0123456789:=@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~"
        #expect(String(decoding: allowed, as: UTF8.self) == letters)
    }

    @Test("New request ids are UUIDs of version 4 and valid themselves; no two are the same")
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

    @Test("Even a generator that draws nothing but zeros makes ids that are not zero")
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
