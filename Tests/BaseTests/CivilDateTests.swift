import Base
import Testing

@Suite struct CivilDateTests {
    @Test("Every day of 585 years follows the one before, by a calendar that counts months one by one")
    func everyDay() {
        var (year, month, day) = (UInt64(1970), UInt64(1), UInt64(1))
        for number in UInt64(0)..<213_503 {
            let date = CivilDate(daysSince1970: number)
            guard (date.year, date.month, date.day) == (year, month, day) else {
                Issue.record("day \(number) should be \(year)-\(month)-\(day)")
                return
            }
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let lengths: [UInt64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            day += 1
            if day > lengths[Int(month) - 1] { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
    }
}
