internal import Base

// The frame of every message between nodes: "HDBW", format (1), kind (1), body, and the XXH3 hash (8) of everything
// before it. docs/wire-format.md specifies the format and its rules for changes.

enum WireFormat {
    static let magic: UInt32 = 0x4844_4257
    static let number: UInt8 = 2
    static let headerBytes = 6
    static let checksumBytes = 8

    /// Encodes a message. `reserving` is an estimate of the body's size in bytes.
    static func message(_ kind: WireKind, reserving bodyBytes: Int, body: (inout [UInt8]) -> Void) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headerBytes + bodyBytes + checksumBytes)
        bytes.appendBigEndian(magic)
        bytes.append(number)
        bytes.append(kind.rawValue)
        body(&bytes)
        bytes.appendBigEndian(xxh3(bytes))
        precondition(bytes.count <= WireLimits.messageBytes, "a message is larger than the wire format allows")
        return bytes
    }

    /// Checks the frame of a message of the given kind and returns a reader of its body.
    static func open(_ message: [UInt8], as kind: WireKind) throws(WireError) -> WireReader {
        guard message.count <= WireLimits.messageBytes else { throw .tooLong(bytes: message.count) }
        let bodyEnd = message.count - checksumBytes
        var reader = WireReader(message, end: max(bodyEnd, 0))
        guard try reader.integer(UInt32.self, .header) == magic else { throw .notOurs }
        let format = try reader.integer(UInt8.self, .header)
        guard format == number else { throw .unknownFormat(format) }
        let found = try reader.integer(UInt8.self, .header)
        guard found == kind.rawValue else { throw .otherKind(found, expected: kind) }
        let body = message.span.extracting(..<bodyEnd)
        guard message.span.bigEndian(at: bodyEnd, as: UInt64.self) == xxh3(body) else { throw .checksum }
        return reader
    }
}
