// Integers on disk and on the wire are big-endian, so that comparing bytes compares numbers.

extension Array where Element == UInt8 {
    package mutating func appendBigEndian<Integer: FixedWidthInteger & UnsignedInteger>(_ value: Integer) {
        var shift = Integer.bitWidth
        while shift > 0 {
            shift -= 8
            append(UInt8(truncatingIfNeeded: value >> Integer(shift)))
        }
    }
}

extension Span where Element == UInt8 {
    /// The integer whose bytes start at `offset`, or nil when the bytes end before it does.
    package func bigEndian<Integer: FixedWidthInteger & UnsignedInteger>(
        at offset: Int, as type: Integer.Type = Integer.self
    ) -> Integer? {
        let size = Integer.bitWidth / 8
        guard offset >= 0, offset <= count - size else { return nil }
        var value: Integer = 0
        for index in offset..<(offset + size) {
            value = value << 8 | Integer(self[index])
        }
        return value
    }
}
