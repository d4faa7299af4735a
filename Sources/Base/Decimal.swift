extension Array where Element == UInt8 {
    /// Appends the decimal digits of `value`, after a minus sign if it is negative.
    package mutating func appendDecimal(_ value: some BinaryInteger) {
        if value < 0 { append(UInt8(ascii: "-")) }
        appendDecimal(UInt64(value.magnitude))
    }

    /// Appends the decimal digits of an `Int`. The generic method does the same at the cost of a dispatch at run time,
    /// which the length of every response would pay.
    package mutating func appendDecimal(_ value: Int) {
        if value < 0 { append(UInt8(ascii: "-")) }
        appendDecimal(UInt64(value.magnitude))
    }

    package mutating func appendDecimal(_ value: UInt64) {
        appendDecimal(value, minimumDigits: 1)
    }

    /// Appends the decimal digits of `value`, with leading zeros up to `minimumDigits`, which is at most 20.
    package mutating func appendDecimal(_ value: UInt64, minimumDigits: Int) {
        append(addingCapacity: 20) { $0.appendDecimal(value, minimumDigits: minimumDigits) }
    }
}

extension OutputSpan where Element == UInt8 {
    package mutating func appendDecimal(_ value: Int) {
        if value < 0 { append(UInt8(ascii: "-")) }
        appendDecimal(UInt64(value.magnitude))
    }

    /// Appends the decimal digits of `value`, with leading zeros up to `minimumDigits`. Digits are converted three at a
    /// time, since most numbers have no more.
    package mutating func appendDecimal(_ value: UInt64, minimumDigits: Int = 1) {
        guard value < 1_000, minimumDigits <= 3 else {
            appendDecimal(value / 1_000, minimumDigits: minimumDigits - 3)
            return append(threeDigits(value % 1_000), count: 3)
        }
        if value >= 100 || minimumDigits == 3 {
            append(threeDigits(value), count: 3)
        } else if value >= 10 || minimumDigits == 2 {
            append(threeDigits(value) >> 8, count: 2)
        } else if value >= 1 || minimumDigits == 1 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value))
        }
    }
}

/// The three decimal digits of a `value` below 1,000 as ASCII, the first one in the lowest byte.
@inline(__always)
private func threeDigits(_ value: UInt64) -> UInt64 {
    let number = UInt32(truncatingIfNeeded: value)
    let (hundreds, tens) = (number / 100, number / 10)
    return UInt64(0x30_3030 &+ hundreds &+ (tens &- hundreds &* 10) << 8 &+ (number &- tens &* 10) << 16)
}
