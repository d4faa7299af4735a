internal import Base

/// The name of a node: 1 to 64 bytes of text that the operator chooses with `--node-id`. Unique within a cluster.
package struct NodeID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package static let maximumBytes = 64

    package let description: String

    /// Nil for text that is empty or longer than `maximumBytes` bytes of UTF-8.
    package init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= Self.maximumBytes else { return nil }
        description = text
    }

    package var utf8: String.UTF8View { description.utf8 }

    package static func < (left: NodeID, right: NodeID) -> Bool {
        left.description < right.description
    }
}

extension NodeID: ExpressibleByStringInterpolation {
    /// Creates a node id from a literal. Traps if it is not a valid node id.
    package init(stringLiteral text: String) {
        guard let nodeID = NodeID(text) else { preconditionFailure("a literal is no node id: \(text)") }
        self = nodeID
    }
}

/// The position of a member in the cluster record's list of members. The same on every node of the cluster.
package struct MemberIndex: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: Int

    package init(_ rawValue: Int) {
        self.rawValue = rawValue
    }

    package var description: String { "\(rawValue)" }

    package static func < (left: MemberIndex, right: MemberIndex) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension MemberIndex: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: Int) {
        self.init(value)
    }
}

/// The number of a partition, from 0 to the record's `partitions` - 1: a range of key hashes that the same replicas
/// hold. 16 bits on disk and on the wire.
package struct PartitionID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Creates the id of the partition at `index`. Traps on a number that has more than 16 bits.
    package init(_ index: Int) {
        rawValue = UInt16(index)
    }

    /// The position of the partition in arrays with one element per partition.
    package var index: Int { Int(rawValue) }

    package var description: String { "\(rawValue)" }

    package static func < (left: PartitionID, right: PartitionID) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension PartitionID: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: UInt16) {
        self.init(rawValue: value)
    }
}

extension Array {
    /// Accesses the element of one member in an array that has one element per member, in the order of the cluster
    /// record.
    package subscript(_ member: MemberIndex) -> Element {
        get { self[member.rawValue] }
        set { self[member.rawValue] = newValue }
    }

    /// The element of one partition, in an array with one element per partition.
    package subscript(_ partition: PartitionID) -> Element {
        get { self[partition.index] }
        set { self[partition.index] = newValue }
    }
}

/// An identity of 128 random bits, so that two of them are never equal by chance.
package protocol RandomIdentity: Hashable, Sendable, CustomStringConvertible {
    var high: UInt64 { get }
    var low: UInt64 { get }
    init(high: UInt64, low: UInt64)
}

/// The identity of a cluster, drawn by the node that proposes its record.
package struct ClusterID: RandomIdentity {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// The identity of a data directory. A node gets a new one when its disk is replaced or rolled back.
package struct StoreID: RandomIdentity {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

extension RandomIdentity {
    package static var byteCount: Int { 16 }

    package init(using random: inout some RandomNumberGenerator) {
        self.init(high: random.next(), low: random.next())
    }

    /// 32 hexadecimal digits.
    package var description: String { high.hex + low.hex }

    /// Appends the identity as 16 bytes, big-endian, its encoding on disk and on the wire.
    package func append(to bytes: inout [UInt8]) {
        bytes.appendBigEndian(high)
        bytes.appendBigEndian(low)
    }

    init?(reading reader: inout ByteReader) {
        guard let high = reader.integer(UInt64.self), let low = reader.integer(UInt64.self) else { return nil }
        self.init(high: high, low: low)
    }
}
