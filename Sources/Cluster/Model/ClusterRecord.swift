internal import Base

/// The configuration of a cluster: its members, quorums and partitions, as agreed in bootstrap. Written once, accepted
/// by every member, and never changed; a change of members will be a record with a higher epoch.
package struct ClusterRecord: Equatable, Sendable {
    package struct Member: Equatable, Sendable {
        package let nodeID: NodeID
        package let storeID: StoreID

        package init(nodeID: NodeID, storeID: StoreID) {
            self.nodeID = nodeID
            self.storeID = storeID
        }
    }

    package let clusterID: ClusterID
    package let epoch: UInt32
    package let members: [Member]
    package let quorums: Quorums
    package let partitions: Int
    package let gcGraceMilliseconds: UInt64
    package let hintWindowMilliseconds: UInt64

    package init(
        clusterID: ClusterID, epoch: UInt32, members: [Member], quorums: Quorums, partitions: Int,
        gcGraceMilliseconds: UInt64, hintWindowMilliseconds: UInt64
    ) {
        self.clusterID = clusterID
        self.epoch = epoch
        self.members = members
        self.quorums = quorums
        self.partitions = partitions
        self.gcGraceMilliseconds = gcGraceMilliseconds
        self.hintWindowMilliseconds = hintWindowMilliseconds
    }

    /// The indexes of all members, in order.
    package var memberIndexes: [MemberIndex] { members.indices.map { MemberIndex($0) } }

    /// The ids of all partitions, in ascending order.
    package var partitionIDs: [PartitionID] { (0..<partitions).map { PartitionID($0) } }

    package func index(of nodeID: NodeID) -> MemberIndex? {
        members.firstIndex { $0.nodeID == nodeID }.map { MemberIndex($0) }
    }
}

/// The number of replicas of a key (N), and how many of them a strong read (R) and a strong write (W) need.
package struct Quorums: Equatable, Sendable {
    package enum Invalid: Error, Equatable, Sendable {
        case readBeyondReplicas(given: Int, replicas: Int)
        case writeBeyondReplicas(given: Int, replicas: Int)
        /// R + W must exceed N, so that every read quorum shares a replica with every write quorum.
        case readMissesWrite(read: Int, write: Int, replicas: Int)
        /// W must exceed N/2, so that two write quorums share a replica.
        case writesMissEachOther(write: Int, replicas: Int)
    }

    package let replicas: Int
    package let read: Int
    package let write: Int

    /// R and W default to a majority of N. N is `replicas`, but at most the number of members.
    package init(replicas: Int, members: Int, read: Int? = nil, write: Int? = nil) throws(Invalid) {
        let replicas = min(replicas, members)
        let majority = replicas / 2 + 1
        let read = read ?? majority
        let write = write ?? majority
        guard (1...replicas).contains(read) else { throw .readBeyondReplicas(given: read, replicas: replicas) }
        guard (1...replicas).contains(write) else { throw .writeBeyondReplicas(given: write, replicas: replicas) }
        guard write > replicas / 2 else { throw .writesMissEachOther(write: write, replicas: replicas) }
        guard read + write > replicas else {
            throw .readMissesWrite(read: read, write: write, replicas: replicas)
        }
        self.replicas = replicas
        self.read = read
        self.write = write
    }
}

// Layout of `ClusterRecord` in the `meta` column family, field sizes in bytes: format (1), cluster id (16), epoch (4),
// N (2), R (2), W (2), partitions (4), gc-grace ms (8), hint-window ms (8), member count (2), then per member: id
// length (2), id, store id (16). Integers are big-endian.
extension ClusterRecord {
    private static let format: UInt8 = 1
    /// Partition ids have 16 bits.
    private static let maximumPartitions = 1 << 16

    package var encoded: [UInt8] {
        var bytes: [UInt8] = [Self.format]
        clusterID.append(to: &bytes)
        bytes.appendBigEndian(epoch)
        for count in [quorums.replicas, quorums.read, quorums.write] { bytes.appendBigEndian(UInt16(count)) }
        bytes.appendBigEndian(UInt32(partitions))
        bytes.appendBigEndian(gcGraceMilliseconds)
        bytes.appendBigEndian(hintWindowMilliseconds)
        bytes.appendBigEndian(UInt16(members.count))
        for member in members {
            bytes.appendBigEndian(UInt16(member.nodeID.utf8.count))
            bytes.append(contentsOf: member.nodeID.utf8)
            member.storeID.append(to: &bytes)
        }
        return bytes
    }

    /// The XXH3 hash of the encoded record. Two nodes with equal hashes have the same record.
    package var hash: UInt64 { xxh3(encoded) }

    /// Decodes a stored cluster record. Nil for bytes of another format, for truncated bytes, for trailing bytes, and
    /// for records with impossible values. Every record has exactly one encoding.
    package init?(decoding bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard reader.integer(UInt8.self) == Self.format,
            let clusterID = ClusterID(reading: &reader), let epoch = reader.integer(UInt32.self),
            let replicas = reader.integer(UInt16.self), let read = reader.integer(UInt16.self),
            let write = reader.integer(UInt16.self), let partitions = reader.integer(UInt32.self),
            let gcGrace = reader.integer(UInt64.self), let hintWindow = reader.integer(UInt64.self),
            let memberCount = reader.integer(UInt16.self)
        else { return nil }
        var members: [Member] = []
        guard (1...MembershipLimits.nodes).contains(Int(memberCount)) else { return nil }
        for _ in 0..<memberCount {
            guard let member = Member(reading: &reader) else { return nil }
            members.append(member)
        }
        guard reader.isAtEnd, replicas > 0, replicas <= memberCount,
            (1...Self.maximumPartitions).contains(Int(partitions)),
            Set(members.map(\.nodeID)).count == members.count,
            let quorums = try? Quorums(
                replicas: Int(replicas), members: members.count, read: Int(read), write: Int(write))
        else { return nil }
        self.init(
            clusterID: clusterID, epoch: epoch, members: members, quorums: quorums, partitions: Int(partitions),
            gcGraceMilliseconds: gcGrace, hintWindowMilliseconds: hintWindow)
    }
}

extension ClusterRecord.Member {
    fileprivate init?(reading reader: inout ByteReader) {
        guard let length = reader.integer(UInt16.self), (1...NodeID.maximumBytes).contains(Int(length)),
            let text = reader.take(Int(length)), let storeID = StoreID(reading: &reader),
            let text = String(validating: text, as: UTF8.self), let nodeID = NodeID(text)
        else { return nil }
        self.init(nodeID: nodeID, storeID: storeID)
    }
}
