/// The response of a collector to a batch of spans that it accepted, possibly only in part:
/// `ExportTraceServiceResponse` in OTLP.
package struct PartialSuccess: Equatable, Sendable {
    package var rejectedSpans: Int64 = 0
    package var message = ""

    package init(rejectedSpans: Int64 = 0, message: String = "") {
        self.rejectedSpans = rejectedSpans
        self.message = message
    }

    /// Decodes the response from Protocol Buffers. Returns nil if the bytes are invalid. Unknown fields are skipped.
    package init?(protobuf bytes: [UInt8]) {
        var response = ProtobufReader(bytes[...])
        while let field = response.next() {
            guard field.number == 1, case .bytes(let partial) = field.value else { continue }
            guard read(partial) else { return nil }
        }
        guard response.isAtEnd else { return nil }
    }

    private mutating func read(_ partial: ArraySlice<UInt8>) -> Bool {
        var reader = ProtobufReader(partial)
        while let field = reader.next() {
            switch (field.number, field.value) {
            case (1, .integer(let count)): rejectedSpans = Int64(bitPattern: count)
            case (2, .bytes(let text)): message = String(decoding: text, as: UTF8.self)
            default: continue
            }
        }
        return reader.isAtEnd
    }
}

/// Reads the fields of a Protocol Buffers message one by one. It stops before the end if the bytes are cut off or
/// invalid.
struct ProtobufReader {
    enum Value {
        case integer(UInt64)
        case bytes(ArraySlice<UInt8>)
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func next() -> (number: UInt64, value: Value)? {
        var ahead = rest
        guard let tag = Self.varint(&ahead), let value = Self.value(type: tag & 7, &ahead), tag >> 3 > 0 else {
            return nil
        }
        rest = ahead
        return (tag >> 3, value)
    }

    private static func value(type: UInt64, _ rest: inout ArraySlice<UInt8>) -> Value? {
        switch type {
        case 0: varint(&rest).map { .integer($0) }
        case 1: take(8, &rest).map { .bytes($0) }
        case 2: varint(&rest).flatMap { take($0, &rest) }.map { .bytes($0) }
        case 5: take(4, &rest).map { .bytes($0) }
        default: nil
        }
    }

    private static func take(_ count: UInt64, _ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard count <= UInt64(rest.count) else { return nil }
        defer { rest = rest.dropFirst(Int(count)) }
        return rest.prefix(Int(count))
    }

    private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 64, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte < 0x80 { return value }
        }
        return nil
    }
}
