// Searches that look at eight bytes a step. A word is read as little-endian, so its lowest flagged byte is the first.

private let ones: UInt64 = 0x0101_0101_0101_0101
private let highBits: UInt64 = 0x8080_8080_8080_8080

/// The high bit of every zero byte; bytes above a zero one may be flagged too, bytes below it never.
@inline(__always)
private func flagZeroBytes(_ word: UInt64) -> UInt64 {
    (word &- ones) & ~word & highBits
}

/// Not zero exactly when a byte of `word` is below 0x20 or is 0x7F.
@inline(__always)
private func flagControls(_ word: UInt64) -> UInt64 {
    ((word &- ones &* 0x20) & ~word & highBits) | flagZeroBytes(word ^ (ones &* 0x7F))
}

extension Span where Element == UInt8 {
    /// Requires `offset + 8 <= count`.
    @inline(__always)
    private func word(at offset: Int) -> UInt64 {
        UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "a search stays within its bytes")
        let pattern = ones &* UInt64(byte)
        var index = range.lowerBound
        while index + 8 <= range.upperBound {
            let flags = flagZeroBytes(word(at: index) ^ pattern)
            if flags != 0 { return index + flags.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < range.upperBound {
            if self[index] == byte { return index }
            index += 1
        }
        return nil
    }

    /// The first control byte other than a tab: what no field value may hold (RFC 9110, 5.5).
    func firstControl(in range: Range<Int>) -> UInt8? {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "a search stays within its bytes")
        var index = range.lowerBound
        while index < range.upperBound {
            if index + 8 <= range.upperBound, flagControls(word(at: index)) == 0 {
                index += 8
                continue
            }
            let byte = self[index]
            if byte < 0x20 && byte != .tab || byte == 0x7F { return byte }
            index += 1
        }
        return nil
    }

    /// `range` without the spaces and tabs at its ends.
    func trimming(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, self[start] == .space || self[start] == .tab { start += 1 }
        while start < end, self[end - 1] == .space || self[end - 1] == .tab { end -= 1 }
        return start..<end
    }

    /// Whether these bytes are `text`, case and all.
    package func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in 0..<count where unsafe self[index] != text.utf8Start[index] { return false }
        return true
    }

    /// Whether these bytes, in any case, are `text`. Requires a `text` of lowercase letters, digits and hyphens, and
    /// no control bytes here: then setting bit 5 changes nothing but the case of letters.
    func equals(lowercase text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in 0..<count where unsafe self[index] | 0x20 != text.utf8Start[index] { return false }
        return true
    }
}
