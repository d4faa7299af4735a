import Base
import Testing

@Suite struct CivilDateTests {
    @Test("Every day of 585 years agrees with a calendar that counts days one by one")
    func everyDay() {
        var (year, month, day) = (UInt64(1970), UInt64(1), UInt64(1))
        for number in UInt64(0)..<213_503 {
            let date = CivilDate(daysSince1970: number)
            guard (date.year, date.month, date.day) == (year, month, day) else {
                Issue.record("day \(number) should be \(year)-\(month)-\(day)")
                return
            }
            #expect(CivilDate.daysSince1970(year: year, month: month, day: day) == number)
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let lengths: [UInt64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            day += 1
            if day > lengths[Int(month) - 1] { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
    }

    @Test("Dates that do not exist or are out of range give nil", arguments: [
        (1969, 12, 31), (1970, 0, 1), (1970, 13, 1), (1970, 1, 0), (1970, 1, 32), (1971, 2, 29), (1972, 2, 30),
        (2100, 2, 29), (2000, 4, 31), (10_000, 1, 1), (UInt64.max, 1, 1),
    ] as [(UInt64, UInt64, UInt64)])
    func noDays(year: UInt64, month: UInt64, day: UInt64) {
        #expect(CivilDate.daysSince1970(year: year, month: month, day: day) == nil)
    }
}
