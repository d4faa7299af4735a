import Cluster
import Testing

@Suite struct ClusterRecordTests {
    private func record() throws -> ClusterRecord {
        ClusterRecord(
            clusterID: ClusterID(high: 1, low: 2), epoch: 1,
            members: [
                .init(nodeID: "node-1", storeID: StoreID(high: 3, low: 4)),
                .init(nodeID: "knoten-ü", storeID: StoreID(high: 5, low: 6)),
            ],
            quorums: try Quorums(replicas: 3, members: 2), partitions: 256, gcGraceMilliseconds: 86_400_000,
            hintWindowMilliseconds: 10_800_000)
    }

    @Test("A cluster record decodes to the value that was encoded")
    func roundTrip() throws {
        let record = try record()
        #expect(ClusterRecord(decoding: record.encoded) == record)
    }

    @Test("Truncated bytes, another format version and trailing bytes do not decode to a record")
    func refusals() throws {
        let encoded = try record().encoded
        for length in encoded.indices { #expect(ClusterRecord(decoding: Array(encoded[..<length])) == nil) }
        #expect(ClusterRecord(decoding: [2] + encoded.dropFirst()) == nil)
        #expect(ClusterRecord(decoding: encoded + [0]) == nil)
    }

    @Test("Bytes of an impossible cluster do not decode to a record", arguments: [
        ("no partitions", 27, [0, 0, 0, 0]), ("more partitions than partition ids", 27, [0, 1, 0, 1]),
        ("no replicas", 21, [0, 0]), ("more replicas than members", 21, [0, 3]), ("no members", 47, [0, 0]),
        ("a node id that is not UTF-8", 51, [0xFF]),
    ])
    func impossible(what: String, offset: Int, bytes: [UInt8]) throws {
        var encoded = try record().encoded
        encoded.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
        if what == "no members" { encoded.removeSubrange(49...) }
        #expect(ClusterRecord(decoding: encoded) == nil, "\(what)")
    }

    @Test("A record with a member twice does not decode: the member's acknowledgement would count twice")
    func doubledMember() throws {
        let member = ClusterRecord.Member(nodeID: "node-1", storeID: StoreID(high: 3, low: 4))
        let doubled = ClusterRecord(
            clusterID: ClusterID(high: 1, low: 2), epoch: 1, members: [member, member],
            quorums: try Quorums(replicas: 3, members: 2), partitions: 256, gcGraceMilliseconds: 1,
            hintWindowMilliseconds: 1)
        #expect(ClusterRecord(decoding: doubled.encoded) == nil)
    }

    @Test("Quorums default to a majority of the replicas, of which there are at most as many as members", arguments: [
        (3, 1, 1, 1), (3, 2, 2, 2), (3, 3, 3, 2), (3, 10, 3, 2), (5, 5, 5, 3),
    ])
    func defaults(replicas: Int, members: Int, expected: Int, majority: Int) throws {
        let quorums = try Quorums(replicas: replicas, members: members)
        #expect([quorums.replicas, quorums.read, quorums.write] == [expected, majority, majority])
    }

    @Test("Quorums that do not overlap are rejected")
    func invalid() {
        #expect(throws: Quorums.Invalid.writesMissEachOther(write: 1, replicas: 3)) {
            try Quorums(replicas: 3, members: 3, read: 3, write: 1)
        }
        #expect(throws: Quorums.Invalid.readMissesWrite(read: 1, write: 2, replicas: 3)) {
            try Quorums(replicas: 3, members: 3, read: 1, write: 2)
        }
        #expect(throws: Quorums.Invalid.readBeyondReplicas(given: 2, replicas: 1)) {
            try Quorums(replicas: 3, members: 1, read: 2)
        }
    }
}
