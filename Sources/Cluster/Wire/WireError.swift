/// Why a message of another node was refused, whole: nothing of it was done. Offsets count bytes from the message's
/// beginning.
package enum WireError: Error, Equatable, Sendable {
    case notOurs
    case unknownFormat(UInt8)
    case otherKind(UInt8, expected: WireKind)
    case tooLong(bytes: Int)
    /// The message is not what its sender wrote, or is not all of it.
    case checksum
    /// The bytes end, or the checksum begins, before the field does.
    case cutShort(WireField, offset: Int)
    case trailing(offset: Int)
    case tooMany(WireField, count: Int, limit: Int, offset: Int)
    /// A value that no node writes.
    case invalid(WireField, offset: Int)
}

/// What a message is about: its fourth byte but one.
package enum WireKind: UInt8, Sendable {
    case calls = 1
    case answers = 2
    case gossip = 3
}

/// The parts of a message by the names that docs/wire-format.md gives them.
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
        case .notOurs: "it does not begin as a message between HedgehogDB nodes does"
        case .unknownFormat(let number):
            "it is of wire format \(number), and this node speaks \(WireFormat.number)"
        case .otherKind(let kind, let expected):
            "it is a message of kind \(kind), where kind \(expected.rawValue) (\(expected)) belongs"
        case .tooLong(let bytes): "it has \(bytes) bytes, at most \(WireLimits.messageBytes) are allowed"
        case .checksum: "its checksum is wrong: it was changed or cut short on the way"
        case .cutShort(let field, let offset): "it ends within the \(field.rawValue) at byte \(offset)"
        case .trailing(let offset): "something stands behind its end, from byte \(offset) on"
        case .tooMany(let field, let count, let limit, let offset):
            "\(field.rawValue): \(count) at byte \(offset), at most \(limit) are allowed"
        case .invalid(let field, let offset): "the \(field.rawValue) at byte \(offset) is one that no node writes"
        }
    }
}
