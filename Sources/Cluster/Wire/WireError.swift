/// Why a peer's message could not be decoded. Such a message is rejected as a whole, without any effect. Offsets are in
/// bytes from the start of the message.
package enum WireError: Error, Equatable, Sendable {
    case notOurs
    case unknownFormat(UInt8)
    case otherKind(UInt8, expected: WireKind)
    case tooLong(bytes: Int)
    /// The checksum does not match: the message was altered or truncated in transit.
    case checksum
    /// The message ends before or within the field.
    case cutShort(WireField, offset: Int)
    case trailing(offset: Int)
    case tooMany(WireField, count: Int, limit: Int, offset: Int)
    /// The field has a value that the format does not allow.
    case invalid(WireField, offset: Int)
}

/// The kind of a message, stored in its sixth byte.
package enum WireKind: UInt8, Sendable {
    case calls = 1
    case answers = 2
    case gossip = 3
}

/// The fields of a message, with the names used in docs/wire-format.md and in error texts.
package enum WireField: String, Sendable {
    case header
    case number
    case clusterID = "cluster id"
    case storeID = "store id"
    case nodeID = "node id"
    case address
    case tables
    case tableName = "table name"
    case generation
    case flags
    case wallTime = "wall time"
    case tableIndex = "table index"
    case calls
    case answers
    case operation
    case answer
    case requestID = "request id"
    case key
    case version
    case value
    case bound = "bound of a page"
    case pageLimit = "limit of a page"
    case entries = "entries of a page"
    case sums
    case reason
    case knownNodes = "known nodes"
    case acceptedBy = "accepting members"
    case record = "cluster record"
    case catalog
    case partition
    case leaf
    case leaves
    case rows = "rows of a leaf"
    case seen = "what was seen of the target"
    case replacements = "replaced stores"
}

extension WireError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notOurs: "not a HedgehogDB message: the magic number is missing"
        case .unknownFormat(let number):
            "wire format \(number) is not supported; this node uses wire format \(WireFormat.number)"
        case .otherKind(let kind, let expected):
            "message kind \(kind) received, kind \(expected.rawValue) (\(expected)) expected"
        case .tooLong(let bytes): "message of \(bytes) bytes, at most \(WireLimits.messageBytes) are allowed"
        case .checksum: "wrong checksum: the message was altered or truncated in transit"
        case .cutShort(let field, let offset): "message ends within the \(field.rawValue) at byte \(offset)"
        case .trailing(let offset): "unexpected bytes after the message, from byte \(offset) on"
        case .tooMany(let field, let count, let limit, let offset):
            "\(field.rawValue): \(count) at byte \(offset), at most \(limit) are allowed"
        case .invalid(let field, let offset): "invalid \(field.rawValue) at byte \(offset)"
        }
    }
}
