internal import Base

/// Writes Protocol Buffers: fields in a row, each behind a tag of its number and its wire type. What is at its default
/// may be left out, which is the caller's to decide.
struct ProtobufWriter {
    private enum WireType: UInt64 {
        case varint = 0
        case fixed64 = 1
        case lengthDelimited = 2
        case fixed32 = 5
    }

    private(set) var output: [UInt8] = []

    mutating func varint(_ field: Int, _ value: UInt64) {
        tag(field, .varint)
        output.appendVarint(value)
    }

    mutating func fixed64(_ field: Int, _ value: UInt64) {
        tag(field, .fixed64)
        output.appendLittleEndian(value)
    }

    mutating func fixed32(_ field: Int, _ value: UInt32) {
        tag(field, .fixed32)
        output.appendLittleEndian(value)
    }

    mutating func bytes(_ field: Int, _ value: [UInt8]) {
        tag(field, .lengthDelimited)
        output.appendVarint(UInt64(value.count))
        output.append(contentsOf: value)
    }

    mutating func text(_ field: Int, _ value: String) {
        tag(field, .lengthDelimited)
        output.appendVarint(UInt64(value.utf8.count))
        output.append(contentsOf: value.utf8)
    }

    /// What `write` writes, as one field. Its length, which stands before it, is known only after it, so what is there
    /// moves up by a byte or two: cheaper than a buffer for each message within a message.
    mutating func message(_ field: Int, _ write: (inout ProtobufWriter) -> Void) {
        tag(field, .lengthDelimited)
        let start = output.count
        write(&self)
        var length: [UInt8] = []
        length.appendVarint(UInt64(output.count - start))
        output.insert(contentsOf: length, at: start)
    }

    private mutating func tag(_ field: Int, _ type: WireType) {
        output.appendVarint(UInt64(field) << 3 | type.rawValue)
    }
}

extension Array where Element == UInt8 {
    /// Seven bits a byte, the lowest first; the highest bit of a byte says that more follow.
    fileprivate mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest > 0x7F {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    fileprivate mutating func appendLittleEndian(_ value: some FixedWidthInteger) {
        for shift in stride(from: 0, to: value.bitWidth, by: 8) { append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
}
