internal import Base

// The frame around every message between nodes: "HDBW", format, kind, body, then the XXH3 hash of all before it.
// docs/wire-format.md is the format's home and says what may change.

enum WireFormat {
    static let magic: UInt32 = 0x4844_4257
    static let number: UInt8 = 2
    static let headerBytes = 6
    static let checksumBytes = 8

    /// A whole message. `reserving` is how many bytes its body will need, roughly.
    static func message(_ kind: WireKind, reserving bodyBytes: Int, body: (inout [UInt8]) -> Void) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headerBytes + bodyBytes + checksumBytes)
        bytes.appendBigEndian(magic)
        bytes.append(number)
        bytes.append(kind.rawValue)
        body(&bytes)
        bytes.appendBigEndian(xxh3(bytes))
        precondition(bytes.count <= WireLimits.messageBytes, "more was put into one message than any node accepts")
        return bytes
    }

    /// A reader of the body of a message of this kind, its frame once checked.
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
