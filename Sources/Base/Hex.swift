// Lowercase hexadecimal, as trace ids, versions and store ids are written.

extension Array where Element == UInt8 {
    /// The last `digitCount` digits of `value`, at most 16.
    package mutating func appendHex(_ value: UInt64, digitCount: Int = 16) {
        let text = (
            UInt32(truncatingIfNeeded: value >> 32).hexDigits.bigEndian,
            UInt32(truncatingIfNeeded: value).hexDigits.bigEndian
        )
        unsafe Swift.withUnsafeBytes(of: text) { digits in
            let bytes = unsafe digits.assumingMemoryBound(to: UInt8.self)
            unsafe append(contentsOf: UnsafeBufferPointer(rebasing: bytes[(16 - digitCount)...]))
        }
    }
}

extension OutputSpan where Element == UInt8 {
    /// The last `digitCount` digits of `value`, at most 16.
    package mutating func appendHex(_ value: UInt64, digitCount: Int = 16) {
        let text = (
            UInt32(truncatingIfNeeded: value >> 32).hexDigits.bigEndian,
            UInt32(truncatingIfNeeded: value).hexDigits.bigEndian
        )
        unsafe Swift.withUnsafeBytes(of: text) { digits in
            let bytes = unsafe digits.assumingMemoryBound(to: UInt8.self)
            unsafe append(UnsafeBufferPointer(rebasing: bytes[(16 - digitCount)...]).span)
        }
    }
}

extension UInt32 {
    /// Eight digits, the first in the highest byte: all at once, since every response bears some eighty of them.
    fileprivate var hexDigits: UInt64 {
        var nibbles = UInt64(self)
        nibbles = (nibbles | nibbles << 16) & 0x0000_FFFF_0000_FFFF
        nibbles = (nibbles | nibbles << 8) & 0x00FF_00FF_00FF_00FF
        nibbles = (nibbles | nibbles << 4) & 0x0F0F_0F0F_0F0F_0F0F
        let aboveNine = (nibbles + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return nibbles + 0x3030_3030_3030_3030 + aboveNine * 39
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
