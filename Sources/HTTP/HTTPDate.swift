internal import Base

// The date format of RFC 9110, 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.

private let secondsPerDay: UInt64 = 86_400
/// The format has four digits for the year, so a clock beyond 9999 is shown as its last second.
private let lastSecond: UInt64 = 253_402_300_799

extension Array where Element == UInt8 {
    /// The instant `secondsSince1970` after the start of 1970, UTC.
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
