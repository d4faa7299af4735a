internal import Base

/// A table's name: 1 to 128 of `[A-Za-z0-9_.-]`.
package struct TableName: Hashable, Comparable, Sendable, CustomStringConvertible {
    package static let maximumBytes = 128

    package let description: String

    package init(validating bytes: [UInt8]) throws(NameError) {
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count <= Self.maximumBytes else { throw .tooLong(bytes: bytes.count) }
        for byte in bytes where !Self.isAllowed(byte) { throw .notAllowed(byte: byte) }
        description = String(decoding: bytes, as: UTF8.self)
    }

    package static func < (left: TableName, right: TableName) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
            return true
        default:
            return false
        }
    }
}

/// What rows on disk and frames on the wire call a table: a hash of name and generation, so a table made again under
/// an old name shares nothing with its past.
package struct TableID: Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    package init(name: TableName, generation: UInt64) {
        var bytes = Array(name.description.utf8)
        bytes.appendBigEndian(PlantedFault.tableGenerationIgnored.isPlanted ? 0 : generation)
        rawValue = xxh3(bytes)
    }

    package static func < (left: TableID, right: TableID) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// What one node knows of one table name. Ordered by (generation, deleted above live, earlier creation): merging takes
/// the maximum, so concurrent creates of one name make the same table and a delete is never undone by an older create.
package struct TableState: Hashable, Sendable {
    package let name: TableName
    /// 1 for the first table of this name, one more each time it is made again.
    package let generation: UInt64
    package let isDeleted: Bool
    /// Milliseconds since 1970 by the clock of the node that created it. Shown to people; of two concurrent creates of
    /// one table the earlier one stays, so that all nodes come to hold the same state.
    package let createdAtMilliseconds: UInt64
    /// Follows from name and generation.
    package let id: TableID

    package init(name: TableName, generation: UInt64, isDeleted: Bool, createdAtMilliseconds: UInt64) {
        self.name = name
        self.generation = generation
        self.isDeleted = isDeleted
        self.createdAtMilliseconds = createdAtMilliseconds
        id = TableID(name: name, generation: generation)
    }

    var digest: UInt64 {
        var bytes = Array(name.description.utf8)
        bytes.appendBigEndian(generation)
        bytes.append(isDeleted ? 1 : 0)
        bytes.appendBigEndian(createdAtMilliseconds)
        return xxh3(bytes)
    }

    package func supersedes(_ other: TableState) -> Bool {
        if generation != other.generation { return generation > other.generation }
        if isDeleted != other.isDeleted { return isDeleted }
        return createdAtMilliseconds < other.createdAtMilliseconds
    }
}
