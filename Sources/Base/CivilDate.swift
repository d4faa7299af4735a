/// A date of the Gregorian calendar from 1970 on. The arithmetic counts years from 1 March, so that a leap day is the
/// last day of its year.
package struct CivilDate {
    package let year: UInt64
    /// The month, 1 to 12.
    package let month: UInt64
    /// The day of the month, 1 to 31.
    package let day: UInt64

    package init(daysSince1970: UInt64) {
        let daysBefore1970: UInt64 = 719_468  // since 1 March of the year 0
        let daysIn400Years: UInt64 = 146_097
        let total = daysSince1970 + daysBefore1970
        let dayOfCycle = total % daysIn400Years
        // Once the leap days are subtracted, every year of the 400-year cycle has exactly 365 days.
        let leapDays = dayOfCycle / 1_460 - dayOfCycle / 36_524 + dayOfCycle / 146_096
        let yearOfCycle = (dayOfCycle - leapDays) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        // In a year that begins in March, the month lengths repeat: 31, 30, 31, 30, 31, which is 153 days in five
        // months.
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = total / daysIn400Years * 400 + yearOfCycle + (month <= 2 ? 1 : 0)
    }

    /// The number of days from 1 January 1970 to a date. Returns nil when the date does not exist or is before 1970 or
    /// after 9999.
    package static func daysSince1970(year: UInt64, month: UInt64, day: UInt64) -> UInt64? {
        guard 1970...9999 ~= year, 1...12 ~= month, 1...31 ~= day else { return nil }
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let yearFromMarch = month > 2 ? year : year - 1
        let (cycle, yearOfCycle) = yearFromMarch.quotientAndRemainder(dividingBy: 400)
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfCycle = yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear
        let days = cycle * 146_097 + dayOfCycle - 719_468
        // Converting the day number back detects a date that does not exist: 30 February comes back as 1 or 2 March.
        return CivilDate(daysSince1970: days).day == day ? days : nil
    }
}
