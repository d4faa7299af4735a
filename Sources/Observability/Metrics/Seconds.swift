internal import Base

extension Array where Element == UInt8 {
    /// Appends a number of nanoseconds as seconds: the shortest exact decimal, without an exponent. `1500000000`
    /// becomes `1.5`.
    mutating func appendSeconds(nanoseconds: UInt64) {
        appendDecimal(nanoseconds / 1_000_000_000)
        var rest = nanoseconds % 1_000_000_000
        guard rest > 0 else { return }
        append(UInt8(ascii: "."))
        var unit: UInt64 = 100_000_000
        while rest > 0 {
            append(UInt8(ascii: "0") + UInt8(rest / unit))
            rest %= unit
            unit /= 10
        }
    }
}

extension OutputSpan where Element == UInt8 {
    /// Appends a number of nanoseconds as milliseconds with three decimals, rounded down: `1234567` becomes `1.234`.
    mutating func appendMilliseconds(nanoseconds: UInt64) {
        appendDecimal(nanoseconds / 1_000_000)
        append(UInt8(ascii: "."))
        appendDecimal(nanoseconds / 1_000 % 1_000, minimumDigits: 3)
    }
}
