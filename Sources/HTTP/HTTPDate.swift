internal import Base

// The date format of RFC 9110, 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.

private let secondsPerDay: UInt64 = 86_400
/// The format has four digits for the year, so a clock beyond 9999 is shown as its last second.
private let lastSecond: UInt64 = 253_402_300_799

extension Array where Element == UInt8 {
    /// The instant `secondsSince1970` after the start of 1970, UTC.
    package mutating func appendHTTPDate(secondsSince1970: UInt64) {
        let seconds = Swift.min(secondsSince1970, lastSecond)
        let days = Int(seconds / secondsPerDay)
        let secondOfDay = Int(seconds % secondsPerDay)
        let date = CivilDate(daysSince1970: days)
        append(weekdayName(days))
        append(", ")
        appendTwoDigits(date.day)
        append(" ")
        append(monthName(date.month))
        append(" ")
        appendTwoDigits(date.year / 100)
        appendTwoDigits(date.year % 100)
        append(" ")
        appendTwoDigits(secondOfDay / 3600)
        append(":")
        appendTwoDigits(secondOfDay / 60 % 60)
        append(":")
        appendTwoDigits(secondOfDay % 60)
        append(" GMT")
    }

    private mutating func appendTwoDigits(_ value: Int) {
        append(UInt8(ascii: "0") + UInt8(value / 10))
        append(UInt8(ascii: "0") + UInt8(value % 10))
    }
}

/// A day of the Gregorian calendar.
private struct CivilDate {
    let year: Int
    /// From 1.
    let month: Int
    /// From 1.
    let day: Int

    init(daysSince1970: Int) {
        var rest = daysSince1970 + 719_162  // since 1 January of the year 1, where a 400-year cycle begins
        let cycles = rest / 146_097
        rest %= 146_097
        // The last century of a cycle and the last year of four are a day longer, hence the two `min`.
        let centuries = Swift.min(rest / 36_524, 3)
        rest -= centuries * 36_524
        let fours = rest / 1461
        rest %= 1461
        let years = Swift.min(rest / 365, 3)
        rest -= years * 365
        year = 400 * cycles + 100 * centuries + 4 * fours + years + 1

        let isLeap = years == 3 && (fours < 24 || centuries == 3)
        var month = 1
        while rest >= Self.days(in: month, isLeap: isLeap) {
            rest -= Self.days(in: month, isLeap: isLeap)
            month += 1
        }
        self.month = month
        day = rest + 1
    }

    private static func days(in month: Int, isLeap: Bool) -> Int {
        switch month {
        case 2: isLeap ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

private func weekdayName(_ daysSince1970: Int) -> StaticString {
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

private func monthName(_ month: Int) -> StaticString {
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
