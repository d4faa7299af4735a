extension Array where Element == UInt8 {
    /// The decimal digits of `value`, with a minus sign if it has one.
    package mutating func appendDecimal(_ value: some BinaryInteger) {
        if value < 0 { append(UInt8(ascii: "-")) }
        appendDecimal(UInt64(value.magnitude))
    }

    /// Every response has a length: unlike the generic form this is not looked up in tables at run time.
    package mutating func appendDecimal(_ value: Int) {
        if value < 0 { append(UInt8(ascii: "-")) }
        appendDecimal(UInt64(value.magnitude))
    }

    package mutating func appendDecimal(_ value: UInt64) {
        appendDecimal(value, minimumDigits: 1)
    }

    /// With zeros in front, up to `minimumDigits`; 20 at the most.
    package mutating func appendDecimal(_ value: UInt64, minimumDigits: Int) {
        var digits = Digits()
        let first = write(value, minimumDigits, into: &digits)
        append(digits.span.extracting(first..<20))
    }
}

extension OutputSpan where Element == UInt8 {
    package mutating func appendDecimal(_ value: Int) {
        if value < 0 { append(UInt8(ascii: "-")) }
        appendDecimal(UInt64(value.magnitude))
    }

    package mutating func appendDecimal(_ value: UInt64, minimumDigits: Int = 1) {
        var digits = Digits()
        let first = write(value, minimumDigits, into: &digits)
        append(digits.span.extracting(first..<20))
    }
}

private typealias Digits = InlineArray<20, UInt8>

extension InlineArray where Element == UInt8 {
    fileprivate init() { self.init(repeating: UInt8(ascii: "0")) }
}

/// Right-aligned; where the first one is.
private func write(_ value: UInt64, _ minimumDigits: Int, into digits: inout Digits) -> Int {
    var rest = value
    var first = 20
    while rest > 0 || first > 20 - minimumDigits {
        first -= 1
        digits[first] += UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
    }
    return first
}
