import Observability
import Testing

/// Cases for the rules of W3C Trace Context, level 2. A request with a refused traceparent starts a new trace.
@Suite struct TraceContextTests {
    static let trace = "12345678901234567890123456789012"
    static let parent = "1234567890123456"

    enum Verdict: Equatable, Sendable {
        case flags(UInt8)
        case refused
    }

    static let cases: [(String, Verdict)] = [
        // Valid values
        ("00-\(trace)-\(parent)-00", .flags(0)),
        ("00-\(trace)-\(parent)-01", .flags(1)),
        ("00-\(trace)-\(parent)-02", .flags(2)),
        ("00-\(trace)-\(parent)-03", .flags(3)),
        ("00-abcdef0123456789abcdef0123456789-abcdef0123456789-01", .flags(1)),
        ("00-00000000000000010000000000000000-\(parent)-01", .flags(1)),
        ("00-00000000000000000000000000000001-\(parent)-01", .flags(1)),
        // Flag bits of a traceparent that W3C Trace Context does not define are not passed on
        ("00-\(trace)-\(parent)-ff", .flags(3)),
        ("00-\(trace)-\(parent)-fc", .flags(0)),
        ("00-\(trace)-\(parent)-05", .flags(1)),
        // Blanks around the value of a traceparent are ignored
        (" 00-\(trace)-\(parent)-01", .flags(1)),
        ("\t00-\(trace)-\(parent)-01", .flags(1)),
        ("00-\(trace)-\(parent)-01 ", .flags(1)),
        ("00-\(trace)-\(parent)-01\t", .flags(1)),
        ("\t 00-\(trace)-\(parent)-01 \t", .flags(1)),
        // A traceparent of version 00 must end after its flags
        ("00-\(trace)-\(parent)-01.", .refused),
        ("00-\(trace)-\(parent)-01-", .refused),
        ("00-\(trace)-\(parent)-01-what-the-future-will-be-like", .refused),
        // A traceparent of a later version may have more fields after a dash
        ("cc-\(trace)-\(parent)-01", .flags(1)),
        ("cc-\(trace)-\(parent)-01-what-the-future-will-be-like", .flags(1)),
        ("cc-\(trace)-\(parent)-01-", .flags(1)),
        ("cc-\(trace)-\(parent)-01.what-the-future-will-be-like", .refused),
        ("cc-\(trace)-\(parent)-012", .refused),
        ("01-\(trace)-\(parent)-03", .flags(3)),
        ("fe-\(trace)-\(parent)-00", .flags(0)),
        // Invalid versions
        ("ff-\(trace)-\(parent)-01", .refused),
        (".0-\(trace)-\(parent)-01", .refused),
        ("0.-\(trace)-\(parent)-01", .refused),
        ("CC-\(trace)-\(parent)-01", .refused),
        ("000-\(trace)-\(parent)-01", .refused),
        ("0000-\(trace)-\(parent)-01", .refused),
        ("0-\(trace)-\(parent)-01", .refused),
        // Invalid trace ids
        ("00-00000000000000000000000000000000-\(parent)-01", .refused),
        ("00-.2345678901234567890123456789012-\(parent)-01", .refused),
        ("00-1234567890123456789012345678901.-\(parent)-01", .refused),
        ("00-ABCDEF01234567890123456789012345-\(parent)-01", .refused),
        ("00-123456789012345678901234567890123-\(parent)-01", .refused),
        ("00-1234567890123456789012345678901-\(parent)-01", .refused),
        // Invalid parent ids
        ("00-\(trace)-0000000000000000-01", .refused),
        ("00-\(trace)-.234567890123456-01", .refused),
        ("00-\(trace)-123456789012345.-01", .refused),
        ("00-\(trace)-ABCDEF0123456789-01", .refused),
        ("00-\(trace)-12345678901234567-01", .refused),
        ("00-\(trace)-123456789012345-01", .refused),
        // Invalid flags
        ("00-\(trace)-\(parent)-.0", .refused),
        ("00-\(trace)-\(parent)-0.", .refused),
        ("00-\(trace)-\(parent)-0G", .refused),
        ("00-\(trace)-\(parent)-FF", .refused),
        ("00-\(trace)-\(parent)-001", .refused),
        ("00-\(trace)-\(parent)-1", .refused),
        // Values that do not have the form of a traceparent at all
        ("", .refused),
        (" ", .refused),
        ("00", .refused),
        ("00-\(trace)-\(parent)", .refused),
        ("00-\(trace)-\(parent)-", .refused),
        ("00_\(trace)_\(parent)_01", .refused),
        ("00-\(trace) \(parent)-01", .refused),
        ("00-\(trace)-\(parent)-01, 00-\(trace)-\(parent)-01", .refused),
        (String(repeating: "-", count: 55), .refused),
        (String(repeating: "é", count: 55), .refused),
        ("00-\(trace)-\(parent)-0\u{0}", .refused),
    ]

    @Test("A traceparent is accepted or refused", arguments: cases)
    func verdict(value: String, expected: Verdict) {
        let context = TraceContext(traceparent: Array(value.utf8).span)
        #expect(context.map { Verdict.flags($0.flags.rawValue) } ?? .refused == expected)
    }

    @Test("The trace id is written as it was read, in version 00 and with our own span id")
    func roundTrip() throws {
        let value = Array("cc-0123456789abcdeffedcba9876543210-00f067aa0ba902b7-ff-more".utf8)
        let read = TraceContext(traceparent: value.span)
        let context = try #require(read)
        #expect(context.traceID == TraceID(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210))
        #expect(context.parent == SpanID(rawValue: 0x00F0_67AA_0BA9_02B7))
        var written: [UInt8] = []
        context.appendTraceparent(parent: try #require(SpanID(rawValue: 0xB7)), to: &written)
        #expect(String(decoding: written, as: UTF8.self) == "00-0123456789abcdeffedcba9876543210-00000000000000b7-03")
    }

    @Test("A value with any one byte replaced by g is refused")
    func everyByteMatters() {
        let good = Array("00-0123456789abcdeffedcba9876543210-00f067aa0ba902b7-01".utf8)
        for index in good.indices {
            var bad = good
            bad[index] = UInt8(ascii: "g")
            let read = TraceContext(traceparent: bad.span)
            #expect(read == nil, "byte \(index)")
        }
    }
}
