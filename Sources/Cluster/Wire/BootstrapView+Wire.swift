internal import Base

// Wire layout of `BootstrapView`, field sizes in bytes: expected nodes (2), flags (1, bit 0: final record), record
// (length 4, in its storage format; empty for none), accepting members (count 2, node ids).
extension BootstrapView {
    private static let bootstrappedFlag: UInt8 = 1

    func append(to bytes: inout [UInt8]) {
        precondition(!isBootstrapped || record != nil, "a final record is missing")
        precondition(
            acceptedBy.count <= WireLimits.knownNodes, "more members have accepted a record than it can list")
        bytes.appendBigEndian(UInt16(clamping: expected))
        bytes.append(isBootstrapped ? Self.bootstrappedFlag : 0)
        let record = record?.encoded ?? []
        precondition(record.count <= WireLimits.recordBytes, "a cluster record is larger than the wire format allows")
        bytes.appendBigEndian(UInt32(record.count))
        bytes.append(contentsOf: record)
        bytes.appendBigEndian(UInt16(acceptedBy.count))
        for nodeID in acceptedBy { bytes.appendNodeID(nodeID) }
    }

    init(reading reader: inout WireReader) throws(WireError) {
        let expected = Int(try reader.integer(UInt16.self, .number))
        let isBootstrapped = try reader.flags(known: Self.bootstrappedFlag) != 0
        let start = reader.offset
        let record = try Self.record(reading: &reader)
        guard !isBootstrapped || record != nil else { throw .invalid(.record, offset: start) }
        let count = try reader.count(UInt16.self, .acceptedBy, limit: WireLimits.knownNodes, eachBytes: 2)
        var acceptedBy: [NodeID] = []
        acceptedBy.reserveCapacity(count)
        for _ in 0..<count { acceptedBy.append(try reader.nodeID()) }
        self.init(expected: expected, record: record, isBootstrapped: isBootstrapped, acceptedBy: acceptedBy)
    }

    private static func record(reading reader: inout WireReader) throws(WireError) -> ClusterRecord? {
        let start = reader.offset
        let length = Int(try reader.integer(UInt32.self, .record))
        guard length > 0 else { return nil }
        guard length <= WireLimits.recordBytes else {
            throw .tooMany(.record, count: length, limit: WireLimits.recordBytes, offset: start)
        }
        guard let record = ClusterRecord(decoding: try reader.bytes(length, .record)) else {
            throw .invalid(.record, offset: start)
        }
        return record
    }
}
