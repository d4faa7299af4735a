// Integers on disk and on the wire are big-endian, so that comparing encoded bytes compares the numbers.
//
// These functions are inlinable because a generic function that is not specialised by its caller costs about a hundred
// times as much, and every record is decoded with them.

extension Array where Element == UInt8 {
    @inlinable
    package mutating func appendBigEndian<Integer: FixedWidthInteger & UnsignedInteger>(_ value: Integer) {
        var bytes = value.bigEndian
        unsafe Swift.withUnsafeBytes(of: &bytes) { unsafe append(contentsOf: $0) }
    }
}

extension Span where Element == UInt8 {
    /// Reads the integer that starts at `offset`. Returns nil if any of its bytes lies outside this span.
    @inlinable
    package func bigEndian<Integer: FixedWidthInteger & UnsignedInteger>(
        at offset: Int, as type: Integer.Type = Integer.self
    ) -> Integer? {
        guard offset >= 0, offset <= count - MemoryLayout<Integer>.size else { return nil }
        return unsafe withUnsafeBytes {
            Integer(bigEndian: unsafe $0.loadUnaligned(fromByteOffset: offset, as: Integer.self))
        }
    }
}
