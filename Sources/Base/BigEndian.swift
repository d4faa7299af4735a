// Integers on disk and on the wire are big-endian, so that comparing bytes compares numbers.
//
// Inlinable, because a generic that is not specialised where it is called costs a hundred times as much, and every
// record is taken apart with these.

extension Array where Element == UInt8 {
    @inlinable
    package mutating func appendBigEndian<Integer: FixedWidthInteger & UnsignedInteger>(_ value: Integer) {
        var bytes = value.bigEndian
        unsafe Swift.withUnsafeBytes(of: &bytes) { unsafe append(contentsOf: $0) }
    }
}

extension Span where Element == UInt8 {
    /// The integer whose bytes start at `offset`, or nil when the bytes end before it does.
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
