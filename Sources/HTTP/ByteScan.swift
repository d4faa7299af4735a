// Searches that examine eight bytes in one step. A word is read as little-endian, so the lowest flagged byte is the
// first one in memory. The arithmetic may falsely flag bytes above a correctly flagged one, but never one below it.

private let ones: UInt64 = 0x0101_0101_0101_0101
private let highBits: UInt64 = 0x8080_8080_8080_8080

/// Returns a word with the high bit set in every byte in which `word` equals `byte`.
@inline(__always)
private func flag(_ byte: UInt8, in word: UInt64) -> UInt64 {
    let difference = word ^ (ones &* UInt64(byte))
    return (difference &- ones) & ~difference & highBits
}

/// Returns a word with the high bit set in every byte in which `word` is below `bound`, which is at most 0x80.
@inline(__always)
private func flagBelow(_ bound: UInt8, in word: UInt64) -> UInt64 {
    (word &- ones &* UInt64(bound)) & ~word & highBits
}

extension Span where Element == UInt8 {
    func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
        first(in: range, flags: { flag(byte, in: $0) }, where: { $0 == byte })
    }

    /// The index of the first control byte other than a tab, which no field value may contain (RFC 9110, 5.5).
    func firstControl(in range: Range<Int>) -> Int? {
        first(
            in: range,
            flags: { flagBelow(0x20, in: $0) | flag(0x7F, in: $0) },
            where: { $0 < 0x20 && $0 != .tab || $0 == 0x7F })
    }

    /// The index of the first byte that no request target may contain: one that is not visible ASCII, or `#`, which
    /// begins a fragment.
    func firstInvalidInTarget(in range: Range<Int>) -> Int? {
        let hash = UInt8(ascii: "#")
        return first(
            in: range,
            flags: { flagBelow(0x21, in: $0) | flag(0x7F, in: $0) | flag(hash, in: $0) | ($0 & highBits) },
            where: { $0 < 0x21 || $0 > 0x7E || $0 == hash })
    }

    /// Returns the first index in `range` whose byte satisfies `condition`. `flags` is a fast test of eight bytes at
    /// once: it sets the high bit of some bytes of a word, always of the first that satisfies `condition`, and possibly
    /// of others that do not.
    @inline(__always)
    private func first(
        in range: Range<Int>, flags: (UInt64) -> UInt64, where condition: (UInt8) -> Bool
    ) -> Int? {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "a search left its bytes")
        var index = range.lowerBound
        while index + 8 <= range.upperBound {
            let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            let flagged = flags(UInt64(littleEndian: word))
            // Words without a matching byte take a branch of their own. The processor predicts it and loads the next
            // word before the test of this one has ended.
            guard flagged != 0 else {
                index += 8
                continue
            }
            index += flagged.trailingZeroBitCount / 8
            if condition(self[index]) { return index }
            index += 1
        }
        while index < range.upperBound {
            if condition(self[index]) { return index }
            index += 1
        }
        return nil
    }

    /// Returns `range` without the spaces and tabs at its ends.
    func trimming(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, self[start] == .space || self[start] == .tab { start += 1 }
        while start < end, self[end - 1] == .space || self[end - 1] == .tab { end -= 1 }
        return start..<end
    }

    /// Whether these bytes equal `text`. The comparison is case-sensitive.
    package func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        let expected = unsafe text.utf8Start
        for index in 0..<count where unsafe self[index] != expected[index] { return false }
        return true
    }

    /// Whether these bytes equal `text`, ignoring case. Requires that `text` consists of lowercase letters, digits and
    /// hyphens, and that these bytes contain no control byte: then setting bit 5 changes only the case of letters.
    func equals(lowercase text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        let expected = unsafe text.utf8Start
        for index in 0..<count where unsafe self[index] | 0x20 != expected[index] { return false }
        return true
    }
}
