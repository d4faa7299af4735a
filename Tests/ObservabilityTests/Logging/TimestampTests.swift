@testable import Observability
import Testing

@Suite struct TimestampTests {
    @Test("Known times are written as RFC 3339", arguments: [
        (0, "1970-01-01T00:00:00.000Z"),
        (999_999, "1970-01-01T00:00:00.000Z"),
        (1_000_000, "1970-01-01T00:00:00.001Z"),
        (86_399_999_999_999, "1970-01-01T23:59:59.999Z"),
        (86_400_000_000_000, "1970-01-02T00:00:00.000Z"),
        (68_169_599_000_000_000, "1972-02-28T23:59:59.000Z"),
        (68_169_600_000_000_000, "1972-02-29T00:00:00.000Z"),
        (68_256_000_000_000_000, "1972-03-01T00:00:00.000Z"),
        (951_782_400_000_000_000, "2000-02-29T00:00:00.000Z"),
        (978_220_800_000_000_000, "2000-12-31T00:00:00.000Z"),
        (1_000_000_000_000_000_000, "2001-09-09T01:46:40.000Z"),
        (1_709_164_800_000_000_000, "2024-02-29T00:00:00.000Z"),
        (1_772_323_199_000_000_000, "2026-02-28T23:59:59.000Z"),
        (1_772_323_200_000_000_000, "2026-03-01T00:00:00.000Z"),
        (1_795_529_106_123_456_789, "2026-11-24T14:05:06.123Z"),
        (2_147_483_648_000_000_000, "2038-01-19T03:14:08.000Z"),
        (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000Z"),
        (4_107_456_000_000_000_000, "2100-02-28T00:00:00.000Z"),
        (.max, "2554-07-21T23:34:33.709Z"),
    ] as [(UInt64, String)])
    func known(nanoseconds: UInt64, expected: String) {
        var writer = TimestampWriter()
        #expect(written(nanoseconds, by: &writer) == expected)
    }

    @Test("The cached text of a second is not used for another second")
    func kept() {
        var writer = TimestampWriter()
        #expect(written(1_999_000_000, by: &writer) == "1970-01-01T00:00:01.999Z")
        #expect(written(1_000_000_000, by: &writer) == "1970-01-01T00:00:01.000Z")
        #expect(written(2_000_000_000, by: &writer) == "1970-01-01T00:00:02.000Z")
        #expect(written(1_500_000_000, by: &writer) == "1970-01-01T00:00:01.500Z")
    }

    private func written(_ nanoseconds: UInt64, by writer: inout TimestampWriter) -> String {
        var text: [UInt8] = []
        text.append(addingCapacity: TimestampWriter.byteCount) { writer.append(wallNanoseconds: nanoseconds, to: &$0) }
        return String(decoding: text, as: UTF8.self)
    }
}
