internal import Base

extension Array where Element == UInt8 {
    /// RFC 3339 in UTC with milliseconds, `2026-11-24T14:05:06.123Z`, of nanoseconds since 1970.
    package mutating func appendTimestamp(wallNanoseconds: UInt64) {
        let seconds = wallNanoseconds / 1_000_000_000
        let date = CivilDate(daysSince1970: seconds / 86_400)
        let secondOfDay = seconds % 86_400
        appendDecimal(date.year, minimumDigits: 4)
        append(UInt8(ascii: "-"))
        appendDecimal(date.month, minimumDigits: 2)
        append(UInt8(ascii: "-"))
        appendDecimal(date.day, minimumDigits: 2)
        append(UInt8(ascii: "T"))
        appendDecimal(secondOfDay / 3_600, minimumDigits: 2)
        append(UInt8(ascii: ":"))
        appendDecimal(secondOfDay / 60 % 60, minimumDigits: 2)
        append(UInt8(ascii: ":"))
        appendDecimal(secondOfDay % 60, minimumDigits: 2)
        append(UInt8(ascii: "."))
        appendDecimal(wallNanoseconds / 1_000_000 % 1_000, minimumDigits: 3)
        append(UInt8(ascii: "Z"))
    }
}

/// A day of the Gregorian calendar. Years are reckoned from 1 March, so that the leap day is a year's last.
struct CivilDate {
    let year: UInt64
    let month: UInt64
    let day: UInt64

    init(daysSince1970: UInt64) {
        let daysBefore1970: UInt64 = 719_468  // from 1 March of the year 0
        let daysIn400Years: UInt64 = 146_097
        let total = daysSince1970 + daysBefore1970
        let dayOfCycle = total % daysIn400Years
        // Take the leap days out, then every year has 365 days.
        let leapDays = dayOfCycle / 1_460 - dayOfCycle / 36_524 + dayOfCycle / 146_096
        let yearOfCycle = (dayOfCycle - leapDays) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        // Months from March have 31, 30, 31, 30, 31 days, again and again: 153 days in five.
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = total / daysIn400Years * 400 + yearOfCycle + (month <= 2 ? 1 : 0)
    }
}
