import Testing

@testable import Cluster

/// Gossip with invalid contents neither stops a node nor grows its state without bound.
@Suite struct HostileGossipTests {
    private let group = MemberGroup()

    private func record(of ids: [NodeID]) throws -> ClusterRecord {
        ClusterRecord(
            clusterID: ClusterID(high: 1, low: 2), epoch: 1,
            members: ids.enumerated().map { .init(nodeID: $1, storeID: StoreID(high: 9, low: UInt64($0))) },
            quorums: try Quorums(replicas: 3, members: ids.count), partitions: 16, gcGraceMilliseconds: 0,
            hintWindowMilliseconds: 0)
    }

    /// Returns a gossip message of node-2 which says that the nodes in `acceptedBy` have accepted the cluster record.
    private func gossip(_ record: ClusterRecord, acceptedBy: [NodeID]) -> GossipMessage {
        GossipMessage(
            sender: group.nodes[1].description, wallMilliseconds: 0, target: "node-1", known: [],
            bootstrap: BootstrapView(expected: 3, record: record, isBootstrapped: false, acceptedBy: acceptedBy),
            catalogDigest: 0, catalog: [])
    }

    @Test("Only members of a proposed record count as having accepted it, so that the list is bounded")
    func acceptedByOutsiders() throws {
        group.addCluster(3)
        try group.start(group.nodes[0])
        let member = try #require(group.nodes[0].member)
        let record = try record(of: ["node-1", "node-2", "node-3"])
        var answer: GossipMessage?
        for round in 0..<4 {
            let outsiders = (0..<250).map { "outsider-\(round)-\($0)" as NodeID }
            member.receive(gossip(record, acceptedBy: outsiders + ["node-2"]).encoded, over: .gossip) { result in
                answer = try? GossipMessage(decoding: result.get())
            }
            group.settle()
        }
        #expect(answer?.bootstrap.record == record)
        #expect(answer?.bootstrap.acceptedBy == ["node-1", "node-2"])
        #expect(member.record == nil)
    }

    @Test("A record with an invalid node id does not decode", arguments: [
        "", String(repeating: "x", count: 65), String(repeating: "x", count: 60_000),
    ])
    func recordOfImpossibleMembers(id: String) throws {
        var encoded = try record(of: ["node-1", "node-2", "node-3"]).encoded
        let name = Array("node-2".utf8)
        let start = try #require(encoded.indices.first { encoded[$0...].starts(with: name) })
        let length = [UInt8(id.utf8.count >> 8), UInt8(id.utf8.count & 0xFF)]
        encoded.replaceSubrange((start - 2)..<(start + name.count), with: length + Array(id.utf8))
        #expect(ClusterRecord(decoding: encoded) == nil)
    }

    @Test("A record with more than 256 members does not decode")
    func recordOfTooManyMembers() throws {
        let most = try record(of: (0..<256).map { "n\($0)" })
        #expect(ClusterRecord(decoding: most.encoded) == most)
        #expect(ClusterRecord(decoding: try record(of: (0..<257).map { "n\($0)" }).encoded) == nil)
    }
}
