internal import Base

/// The name of a table: 1 to 128 characters of `[A-Za-z0-9_.-]`.
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

/// The id of a table on disk and on the wire: a hash of its name and generation, so that a table that is created again
/// under an old name shares no rows with the deleted one.
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

/// The state of one table name as one node knows it. States of a name are ordered by generation, then deleted above
/// live, then earlier creation, and merging takes the maximum. So concurrent creates of a name make the same table, and
/// an older create never undoes a delete.
package struct TableState: Hashable, Sendable {
    package let name: TableName
    /// The generation of the table: 1 for the first table of this name, one more each time the table is created again
    /// after a delete.
    package let generation: UInt64
    package let isDeleted: Bool
    /// When the table was created, in milliseconds since 1970 by the clock of the coordinator that created it, for
    /// display. If two creates are concurrent, the earlier time is kept, so that all nodes converge to the same state.
    package let createdAtMilliseconds: UInt64
    /// The table's id, derived from its name and generation.
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
