/// Eight bytes of a text, examined together. Each test returns a bitmask that is zero if and only if no byte matches,
/// so several tests can be combined with `|` into one comparison. A bitmask does not tell which byte matches: a borrow
/// or a carry may set the bit of a neighbouring byte too.
@usableFromInline
package struct EightBytes: Sendable {
    @usableFromInline let word: UInt64

    @inlinable
    init(_ word: UInt64) { self.word = word }

    /// A bitmask that is non-zero if and only if one of the bytes equals `byte`.
    @inlinable @inline(__always)
    package func bitmask(of byte: UInt8) -> UInt64 {
        EightBytes(word ^ Self.repeating(byte)).bitmask(below: 1)
    }

    /// A bitmask that is non-zero if and only if one of the bytes is below `limit`, which is at most 128.
    @inlinable @inline(__always)
    package func bitmask(below limit: UInt8) -> UInt64 {
        (word &- Self.repeating(limit)) & ~word & Self.repeating(0x80)
    }

    /// A bitmask that is non-zero if and only if one of the bytes is above `limit`, which is at most 127.
    @inlinable @inline(__always)
    package func bitmask(above limit: UInt8) -> UInt64 {
        ((word &+ Self.repeating(127 - limit)) | word) & Self.repeating(0x80)
    }

    @inlinable @inline(__always)
    static func repeating(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }
}

extension Span where Element == UInt8 {
    /// Returns whether `condition` holds for every byte of this span. `condition` is called with eight bytes at a time,
    /// in no fixed order; some bytes are examined more than once.
    @inlinable @inline(__always)
    package func allSatisfy(_ condition: (EightBytes) -> Bool) -> Bool {
        unsafe withUnsafeBytes { bytes in
            let end = bytes.count - 8
            let rest = unsafe end < 0 ? fewBytes(bytes) : bytes.loadUnaligned(fromByteOffset: end, as: UInt64.self)
            guard condition(EightBytes(rest)) else { return unsafe bytes.isEmpty }
            var offset = 0
            while offset < end {
                let word = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                guard condition(EightBytes(word)) else { return false }
                offset &+= 8
            }
            return true
        }
    }
}

/// Loads up to seven bytes into a word, repeating some of them to fill it. No bytes give zero.
@inlinable @inline(__always)
func fewBytes(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    let count = bytes.count
    if count >= 4 {
        let head = unsafe bytes.loadUnaligned(as: UInt32.self)
        let tail = unsafe bytes.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
        return UInt64(tail) << 32 | UInt64(head)
    }
    guard count > 0 else { return 0 }
    let (first, middle, last) = unsafe (UInt64(bytes[0]), UInt64(bytes[count / 2]), UInt64(bytes[count - 1]))
    return first &* 0x0101_0101_0100_0001 | middle << 8 | last << 16
}
