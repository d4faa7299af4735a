// Lowercase hexadecimal, as trace ids, versions and store ids are written.

extension Array where Element == UInt8 {
    /// The lowest `digitCount` digits of `value`, with leading zeros; 16 at the most.
    package mutating func appendHex(_ value: UInt64, digitCount: Int = 16) {
        var digits = InlineArray<16, UInt8>(repeating: 0)
        var rest = value
        var first = 16
        while first > 16 - digitCount {
            first -= 1
            let digit = UInt8(truncatingIfNeeded: rest & 0xF)
            digits[first] = digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
            rest >>= 4
        }
        append(digits.span.extracting(first..<16))
    }
}

extension UInt64 {
    /// Exactly 16 lowercase digits, or nil.
    package init?(lowercaseHex bytes: Span<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var value: UInt64 = 0
        for index in bytes.indices {
            switch bytes[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(bytes[index] - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                value = value << 4 | UInt64(bytes[index] - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        self = value
    }

    package var hex: String {
        var bytes: [UInt8] = []
        bytes.appendHex(self)
        return String(decoding: bytes, as: UTF8.self)
    }
}
