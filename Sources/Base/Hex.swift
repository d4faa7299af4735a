// Lowercase hexadecimal, as trace ids, versions and store ids are written.

private let digits: [UInt8] = Array("0123456789abcdef".utf8)

extension Array where Element == UInt8 {
    package mutating func appendHex(_ value: UInt64, digitCount: Int = 16) {
        var shift = digitCount * 4
        while shift > 0 {
            shift -= 4
            append(digits[Int(value >> UInt64(shift) & 0xF)])
        }
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
