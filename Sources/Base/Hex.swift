// Lowercase hexadecimal, in which trace ids, versions and store ids are written.

extension Array where Element == UInt8 {
    /// Appends the last `digitCount` hexadecimal digits of `value`, at most 16.
    package mutating func appendHex(_ value: UInt64, digitCount: Int = 16) {
        append(addingCapacity: digitCount) { $0.appendHex(value, digitCount: digitCount) }
    }
}

extension OutputSpan where Element == UInt8 {
    /// Appends the last `digitCount` hexadecimal digits of `value`, at most 16.
    package mutating func appendHex(_ value: UInt64, digitCount: Int) {
        precondition(0...16 ~= digitCount, "a 64-bit value has 16 hexadecimal digits")
        let (first, last) = (value << (64 - 4 * digitCount)).hexDigits
        append(first.littleEndian, count: min(digitCount, 8))
        append(last.littleEndian, count: max(digitCount - 8, 0))
    }

    /// Appends all 16 hexadecimal digits of `value`.
    package mutating func appendHex(_ value: UInt64) {
        let (first, last) = value.hexDigits
        unsafe append(count: 16) { target in
            unsafe target.storeBytes(of: first, as: UInt64.self)
            unsafe target.storeBytes(of: last, toByteOffset: 8, as: UInt64.self)
        }
    }

    /// Appends 16 bytes in the format of a UUID: groups of 8, 4, 4, 4 and 12 digits.
    package mutating func appendUUID(high: UInt64, low: UInt64) {
        let (first, second) = high.hexDigits
        let (third, last) = low.hexDigits
        unsafe append(count: 36) { target in
            unsafe target.storeBytes(of: first, as: UInt64.self)
            unsafe storeGroups(second, at: target + 8)
            unsafe storeGroups(third, at: target + 18)
            unsafe target.storeBytes(of: last, toByteOffset: 28, as: UInt64.self)
        }
    }
}

/// Stores two groups of a UUID, each as a dash and four hexadecimal digits.
@inline(__always)
private func storeGroups(_ digits: UInt64, at target: UnsafeMutableRawPointer) {
    let dash = UInt8(ascii: "-")
    unsafe target.storeBytes(of: dash, as: UInt8.self)
    unsafe target.storeBytes(of: digits, toByteOffset: 1, as: UInt64.self)
    unsafe target.storeBytes(of: dash, toByteOffset: 5, as: UInt8.self)
    let last = UInt32(truncatingIfNeeded: digits.littleEndian >> 32).littleEndian
    unsafe target.storeBytes(of: last, toByteOffset: 6, as: UInt32.self)
}

extension UInt64 {
    /// The 16 hexadecimal digits of this value in ASCII, as two words of eight digits. A word that is stored in memory
    /// has its digits in the order of the text.
    @inline(__always)
    fileprivate var hexDigits: (first: UInt64, last: UInt64) {
        (UInt32(truncatingIfNeeded: byteSwapped).spreadHex, UInt32(truncatingIfNeeded: byteSwapped >> 32).spreadHex)
    }
}

extension UInt32 {
    /// The eight hexadecimal digits of this value in ASCII, those of its lowest byte first in memory. All eight are
    /// computed at once, because every response contains about eighty such digits.
    @inline(__always)
    fileprivate var spreadHex: UInt64 {
        var nibbles = UInt64(self)
        nibbles = (nibbles | nibbles << 16) & 0x0000_FFFF_0000_FFFF
        nibbles = (nibbles | nibbles << 8) & 0x00FF_00FF_00FF_00FF
        nibbles = (nibbles >> 4 | nibbles << 8) & 0x0F0F_0F0F_0F0F_0F0F
        let aboveNine = (nibbles &+ 0x7676_7676_7676_7676) & 0x8080_8080_8080_8080
        let letters = (aboveNine &- aboveNine >> 7) & 0x2727_2727_2727_2727
        return (nibbles &+ 0x3030_3030_3030_3030 &+ letters).littleEndian
    }
}

extension UInt64 {
    /// Parses exactly 16 lowercase hexadecimal digits; anything else gives nil.
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

    /// The 16 lowercase hexadecimal digits of this value.
    package var hex: String {
        var bytes: [UInt8] = []
        bytes.appendHex(self)
        return String(decoding: bytes, as: UTF8.self)
    }
}
