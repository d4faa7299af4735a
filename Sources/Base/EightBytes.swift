/// Eight bytes of a text, looked at together. The answers are marks: zero if and only if no byte is meant, so that
/// several questions are one comparison. Which byte it is, a mark does not say: a borrow or a carry may mark its
/// neighbour too.
@usableFromInline
package struct EightBytes: Sendable {
    @usableFromInline let word: UInt64

    @inlinable
    init(_ word: UInt64) { self.word = word }

    @inlinable @inline(__always)
    package func marks(of byte: UInt8) -> UInt64 {
        EightBytes(word ^ Self.repeating(byte)).marks(below: 1)
    }

    /// Requires a `limit` up to 128.
    @inlinable @inline(__always)
    package func marks(below limit: UInt8) -> UInt64 {
        (word &- Self.repeating(limit)) & ~word & Self.repeating(0x80)
    }

    /// Requires a `limit` below 128.
    @inlinable @inline(__always)
    package func marks(above limit: UInt8) -> UInt64 {
        ((word &+ Self.repeating(127 - limit)) | word) & Self.repeating(0x80)
    }

    @inlinable @inline(__always)
    static func repeating(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }
}

extension Span where Element == UInt8 {
    /// Whether `holds` of every byte. It is asked about eight at a time, in no order, and about some more than once.
    @inlinable @inline(__always)
    package func allSatisfy(_ holds: (EightBytes) -> Bool) -> Bool {
        unsafe withUnsafeBytes { bytes in
            let end = bytes.count - 8
            let rest = unsafe end < 0 ? fewBytes(bytes) : bytes.loadUnaligned(fromByteOffset: end, as: UInt64.self)
            guard holds(EightBytes(rest)) else { return unsafe bytes.isEmpty }
            var offset = 0
            while offset < end {
                let word = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                guard holds(EightBytes(word)) else { return false }
                offset &+= 8
            }
            return true
        }
    }
}

/// All of up to seven bytes, some of them repeated until there are eight; of none, zeros.
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
