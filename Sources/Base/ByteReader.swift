/// Decodes a buffer from the front. Every read returns nil when too few bytes are left, so truncated or foreign input
/// is rejected and cannot trap.
package struct ByteReader {
    private let bytes: [UInt8]
    private var offset = 0

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    package var isAtEnd: Bool { offset == bytes.count }

    /// Reads a big-endian integer.
    package mutating func integer<Integer: FixedWidthInteger & UnsignedInteger>(
        _ type: Integer.Type = Integer.self
    ) -> Integer? {
        guard let value = bytes.span.bigEndian(at: offset, as: type) else { return nil }
        offset += Integer.bitWidth / 8
        return value
    }

    /// Reads the next `count` bytes. Returns nil if fewer are left or if `count` is negative.
    package mutating func take(_ count: Int) -> [UInt8]? {
        guard count >= 0, count <= bytes.count - offset else { return nil }
        defer { offset += count }
        return Array(bytes[offset..<(offset + count)])
    }
}
