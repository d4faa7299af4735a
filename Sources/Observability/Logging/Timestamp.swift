internal import Base

/// Writes the timestamps of log lines as RFC 3339 in UTC with milliseconds, `2026-11-24T14:05:06.123Z`. It caches the
/// text of the current second, which most lines share.
struct TimestampWriter: Sendable {
    private var second: UInt64 = .max
    /// The cached text of the current second, up to and including the decimal point: `2026-11-24T14:05:06.`.
    private var text: [UInt8] = []

    static let byteCount = 24

    mutating func append(wallNanoseconds: UInt64, to bytes: inout OutputSpan<UInt8>) {
        let second = wallNanoseconds / 1_000_000_000
        if second != self.second {
            self.second = second
            text = Self.text(secondsSince1970: second)
        }
        bytes.append(text.span)
        bytes.appendDecimal(wallNanoseconds / 1_000_000 % 1_000, minimumDigits: 3)
        bytes.append(UInt8(ascii: "Z"))
    }

    private static func text(secondsSince1970: UInt64) -> [UInt8] {
        let date = CivilDate(daysSince1970: secondsSince1970 / 86_400)
        let secondOfDay = secondsSince1970 % 86_400
        var text: [UInt8] = []
        text.appendDecimal(date.year, minimumDigits: 4)
        text.append(UInt8(ascii: "-"))
        text.appendDecimal(date.month, minimumDigits: 2)
        text.append(UInt8(ascii: "-"))
        text.appendDecimal(date.day, minimumDigits: 2)
        text.append(UInt8(ascii: "T"))
        text.appendDecimal(secondOfDay / 3_600, minimumDigits: 2)
        text.append(UInt8(ascii: ":"))
        text.appendDecimal(secondOfDay / 60 % 60, minimumDigits: 2)
        text.append(UInt8(ascii: ":"))
        text.appendDecimal(secondOfDay % 60, minimumDigits: 2)
        text.append(UInt8(ascii: "."))
        return text
    }
}

extension Array where Element == UInt8 {
    /// Appends one timestamp in RFC 3339, without a cache, for responses with few timestamps.
    package mutating func appendTimestamp(wallNanoseconds: UInt64) {
        var writer = TimestampWriter()
        append(addingCapacity: TimestampWriter.byteCount) { writer.append(wallNanoseconds: wallNanoseconds, to: &$0) }
    }
}
