internal import Base

/// Writes Protocol Buffers messages: a sequence of fields, each after a tag with its number and wire type. The caller
/// decides whether to leave out a field that has its default value.
struct ProtobufWriter {
    fileprivate enum WireType: UInt64 {
        case varint = 0
        case fixed64 = 1
        case lengthDelimited = 2
        case fixed32 = 5
    }

    var output: [UInt8] = []

    mutating func varint(_ field: Int, _ value: UInt64) {
        output.append(addingCapacity: 2 * Varint.maximumBytes) {
            $0.appendTag(field, .varint)
            $0.appendVarint(value)
        }
    }

    mutating func fixed64(_ field: Int, _ value: UInt64) {
        output.append(addingCapacity: Varint.maximumBytes + 8) {
            $0.appendTag(field, .fixed64)
            $0.appendLittleEndian(value)
        }
    }

    mutating func fixed32(_ field: Int, _ value: UInt32) {
        output.append(addingCapacity: Varint.maximumBytes + 4) {
            $0.appendTag(field, .fixed32)
            $0.appendLittleEndian(value)
        }
    }

    mutating func bytes(_ field: Int, _ value: Span<UInt8>) {
        output.append(addingCapacity: 2 * Varint.maximumBytes + value.count) { $0.appendField(field, value) }
    }

    mutating func text(_ field: Int, _ value: String) { bytes(field, value.utf8.span) }

    /// Writes the output of `write` as a Protocol Buffers message in one field. The length stands before the message
    /// but is known only afterwards: two bytes are reserved, which fit nearly all messages (128 to 16,383 bytes); any
    /// other message is moved.
    mutating func message(_ field: Int, _ write: (inout ProtobufWriter) -> Void) {
        output.append(addingCapacity: Varint.maximumBytes + 2) {
            $0.appendTag(field, .lengthDelimited)
            $0.append(repeating: 0, count: 2)
        }
        let start = output.count
        write(&self)
        let length = output.count - start
        if 0x80..<0x4000 ~= length {
            output[start - 2] = UInt8(truncatingIfNeeded: length) | 0x80
            output[start - 1] = UInt8(length >> 7)
        } else if length < 0x80 {
            output[start - 2] = UInt8(length)
            output.remove(at: start - 1)
        } else {
            var digits: [UInt8] = []
            digits.append(addingCapacity: Varint.maximumBytes) { $0.appendVarint(UInt64(length)) }
            output.replaceSubrange(start - 2..<start, with: digits)
        }
    }

    /// Writes an OTLP attribute with a text as its value, `byteCount` bytes that `append` writes. The attribute is a
    /// message with two fields, `key` and a value message that contains only the text. Attributes are nine tenths of an
    /// export request, so their lengths are computed first.
    mutating func pair(_ field: Int, _ key: String, byteCount: Int, _ append: (inout OutputSpan<UInt8>) -> Void) {
        pair(field, key, innerBytes: 1 + Varint.byteCount(of: UInt64(byteCount)) + byteCount) {
            $0.appendTag(1, .lengthDelimited)
            $0.appendVarint(UInt64(byteCount))
            append(&$0)
        }
    }

    /// Writes an OTLP attribute with a number as its value. The attribute is a message with two fields, `key` and a
    /// value message that contains only `number`, in its field `numberField`.
    mutating func pair(_ field: Int, _ key: String, _ numberField: Int, _ number: UInt64) {
        pair(field, key, innerBytes: 1 + Varint.byteCount(of: number)) {
            $0.appendTag(numberField, .varint)
            $0.appendVarint(number)
        }
    }

    private mutating func pair(
        _ field: Int, _ key: String, innerBytes: Int, _ append: (inout OutputSpan<UInt8>) -> Void
    ) {
        let key = key.utf8.span
        let outerBytes = 2 + Varint.byteCount(of: UInt64(key.count)) + key.count
            + Varint.byteCount(of: UInt64(innerBytes)) + innerBytes
        output.append(addingCapacity: outerBytes + 2 * Varint.maximumBytes) {
            $0.appendTag(field, .lengthDelimited)
            $0.appendVarint(UInt64(outerBytes))
            $0.appendField(1, key)
            $0.appendTag(2, .lengthDelimited)
            $0.appendVarint(UInt64(innerBytes))
            append(&$0)
        }
    }
}

/// The variable-length integer of Protocol Buffers. It has seven bits in each byte, the lowest first. The highest bit
/// of a byte is set if another byte follows.
private enum Varint {
    static let maximumBytes = 10

    static func byteCount(of value: UInt64) -> Int {
        (63 - (value | 1).leadingZeroBitCount) / 7 + 1
    }
}

extension OutputSpan where Element == UInt8 {
    @inline(__always)
    fileprivate mutating func appendField(_ field: Int, _ value: Span<UInt8>) {
        appendTag(field, .lengthDelimited)
        appendVarint(UInt64(value.count))
        append(value)
    }

    @inline(__always)
    fileprivate mutating func appendTag(_ field: Int, _ type: ProtobufWriter.WireType) {
        appendVarint(UInt64(field) << 3 | type.rawValue)
    }

    /// Appends a Protocol Buffers varint. Nearly all varints have one byte, so only that case is inlined.
    @inline(__always)
    fileprivate mutating func appendVarint(_ value: UInt64) {
        if value < 0x80 { append(UInt8(truncatingIfNeeded: value)) } else { appendLongVarint(value) }
    }

    private mutating func appendLongVarint(_ value: UInt64) {
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
