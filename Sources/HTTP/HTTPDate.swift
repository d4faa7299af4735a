internal import Base

// The date format of RFC 9110, 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.

private let secondsPerDay: UInt64 = 86_400
/// The last second of the year 9999. The format has four digits for the year, so later times are written as this one.
private let lastSecond: UInt64 = 253_402_300_799

extension Array where Element == UInt8 {
    /// Appends the date of the instant `secondsSince1970` after the start of 1970, UTC.
    package mutating func appendHTTPDate(secondsSince1970: UInt64) {
        let seconds = Swift.min(secondsSince1970, lastSecond)
        let days = seconds / secondsPerDay
        let secondOfDay = seconds % secondsPerDay
        let date = CivilDate(daysSince1970: days)
        append(weekdayName(days))
        append(", ")
        appendDecimal(date.day, minimumDigits: 2)
        append(" ")
        append(monthName(date.month))
        append(" ")
        appendDecimal(date.year, minimumDigits: 4)
        append(" ")
        appendDecimal(secondOfDay / 3600, minimumDigits: 2)
        append(":")
        appendDecimal(secondOfDay / 60 % 60, minimumDigits: 2)
        append(":")
        appendDecimal(secondOfDay % 60, minimumDigits: 2)
        append(" GMT")
    }
}

private func weekdayName(_ daysSince1970: UInt64) -> StaticString {
    switch daysSince1970 % 7 {
    case 0: "Thu"
    case 1: "Fri"
    case 2: "Sat"
    case 3: "Sun"
    case 4: "Mon"
    case 5: "Tue"
    default: "Wed"
    }
}

private func monthName(_ month: UInt64) -> StaticString {
    switch month {
    case 1: "Jan"
    case 2: "Feb"
    case 3: "Mar"
    case 4: "Apr"
    case 5: "May"
    case 6: "Jun"
    case 7: "Jul"
    case 8: "Aug"
    case 9: "Sep"
    case 10: "Oct"
    case 11: "Nov"
    default: "Dec"
    }
}

extension UInt64 {
    /// Parses a date such as `Sun, 06 Nov 1994 08:49:37 GMT` to seconds since 1970. Nil if `text` has another form or
    /// the date is before 1970. The name of the weekday is not checked. The two obsolete formats of RFC 9110 are not
    /// accepted; no client in use sends them.
    package init?(httpDate text: Span<UInt8>) {
        guard text.count == 29, text[3] == UInt8(ascii: ","), text[19] == UInt8(ascii: ":"),
            text[22] == UInt8(ascii: ":"), [4, 7, 11, 16, 25].allSatisfy({ text[$0] == UInt8(ascii: " ") }),
            text.extracting(26..<29).equals("GMT"),
            let month = (1...12).first(where: { text.extracting(8..<11).equals(monthName($0)) }),
            let day = text.decimal(5..<7), let year = text.decimal(12..<16), let hour = text.decimal(17..<19),
            let minute = text.decimal(20..<22), let second = text.decimal(23..<25),
            hour < 24, minute < 60, second <= 60,
            let days = CivilDate.daysSince1970(year: year, month: month, day: day)
        else { return nil }
        self = days * secondsPerDay + hour * 3_600 + minute * 60 + second
    }
}

extension Span where Element == UInt8 {
    fileprivate func decimal(_ range: Range<Int>) -> UInt64? {
        var value: UInt64 = 0
        for index in range {
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= self[index] else { return nil }
            value = value * 10 + UInt64(self[index] - UInt8(ascii: "0"))
        }
        return value
    }
}
