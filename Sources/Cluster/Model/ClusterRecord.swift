internal import Base

/// What a cluster was formed as. Written once, accepted by every member, never contradicted afterwards; a change of
/// members will be a record of a higher epoch.
package struct ClusterRecord: Equatable, Sendable {
    package struct Member: Equatable, Sendable {
        package let nodeID: String
        package let storeID: StoreID

        package init(nodeID: String, storeID: StoreID) {
            self.nodeID = nodeID
            self.storeID = storeID
        }
    }

    package let clusterID: StoreID
    package let epoch: UInt32
    package let members: [Member]
    package let quorums: Quorums
    package let partitions: Int
    package let gcGraceMilliseconds: UInt64
    package let hintWindowMilliseconds: UInt64

    package init(
        clusterID: StoreID, epoch: UInt32, members: [Member], quorums: Quorums, partitions: Int,
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
}

/// Random and 128 bits wide: names a data directory, and a cluster, for all time.
package struct StoreID: Hashable, Sendable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package init(using random: inout some RandomNumberGenerator) {
        self.init(high: random.next(), low: random.next())
    }

    package var description: String { high.hex + low.hex }
}

/// How many replicas hold a key (N), and how many of them a strong read (R) and a strong write (W) need.
package struct Quorums: Equatable, Sendable {
    package enum Invalid: Error, Equatable, Sendable {
        case readBeyondReplicas(given: Int, replicas: Int)
        case writeBeyondReplicas(given: Int, replicas: Int)
        /// R + W must exceed N, or a read could miss the last write.
        case readMissesWrite(read: Int, write: Int, replicas: Int)
        /// W must exceed N/2, or two writes could miss each other.
        case writesMissEachOther(write: Int, replicas: Int)
    }

    package let replicas: Int
    package let read: Int
    package let write: Int

    /// R and W default to a majority. With fewer members than `replicas`, their number is N.
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

// Stored in the `meta` family: format(1) cluster id(16) epoch(4) N(2) R(2) W(2) partitions(4) gc-grace ms(8)
// hint-window ms(8) member count(2), then per member: id length(2) id store id(16). Integers are big-endian.
extension ClusterRecord {
    private static let format: UInt8 = 1
    /// A partition's number has 16 bits.
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

    /// By which two nodes see that they mean the same cluster in the same state.
    package var hash: UInt64 { xxh3(encoded) }

    /// Nil for bytes of another format, cut short, with something behind them, or of a cluster that cannot be: no two
    /// records have the same bytes, no record has two encodings.
    package init?(decoding bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard reader.integer(UInt8.self) == Self.format,
            let clusterID = StoreID(reading: &reader), let epoch = reader.integer(UInt32.self),
            let replicas = reader.integer(UInt16.self), let read = reader.integer(UInt16.self),
            let write = reader.integer(UInt16.self), let partitions = reader.integer(UInt32.self),
            let gcGrace = reader.integer(UInt64.self), let hintWindow = reader.integer(UInt64.self),
            let memberCount = reader.integer(UInt16.self)
        else { return nil }
        var members: [Member] = []
        guard (1...WireLimits.knownNodes).contains(Int(memberCount)) else { return nil }
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
        guard let length = reader.integer(UInt16.self), (1...WireLimits.nodeIDBytes).contains(Int(length)),
            let nodeID = reader.take(Int(length)),
            let storeID = StoreID(reading: &reader), let nodeID = String(validating: nodeID, as: UTF8.self)
        else { return nil }
        self.init(nodeID: nodeID, storeID: storeID)
    }
}

extension StoreID {
    package static let byteCount = 16

    package func append(to bytes: inout [UInt8]) {
        bytes.appendBigEndian(high)
        bytes.appendBigEndian(low)
    }

    fileprivate init?(reading reader: inout ByteReader) {
        guard let high = reader.integer(UInt64.self), let low = reader.integer(UInt64.self) else { return nil }
        self.init(high: high, low: low)
    }
}
