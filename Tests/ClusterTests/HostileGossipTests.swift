import Testing

@testable import Cluster

/// A peer may say what it likes, and never brings a node down.
@Suite struct HostileGossipTests {
    private let group = MemberGroup()

    private func record(of ids: [NodeID]) throws -> ClusterRecord {
        ClusterRecord(
            clusterID: ClusterID(high: 1, low: 2), epoch: 1,
            members: ids.enumerated().map { .init(nodeID: $1, storeID: StoreID(high: 9, low: UInt64($0))) },
            quorums: try Quorums(replicas: 3, members: ids.count), partitions: 16, gcGraceMilliseconds: 0,
            hintWindowMilliseconds: 0)
    }

    /// What node-2 would say, if it said that these had accepted the record.
    private func gossip(_ record: ClusterRecord, acceptedBy: [NodeID]) -> GossipMessage {
        GossipMessage(
            sender: group.nodes[1].description, wallMilliseconds: 0, target: "node-1", known: [],
            bootstrap: BootstrapView(expected: 3, record: record, isBootstrapped: false, acceptedBy: acceptedBy),
            catalogDigest: 0, catalog: [])
    }

    @Test("Of those said to have accepted a record only its members count, so that their names have a bound")
    func acceptedByStrangers() throws {
        group.addCluster(3)
        try group.start(group.nodes[0])
        let member = try #require(group.nodes[0].member)
        let record = try record(of: ["node-1", "node-2", "node-3"])
        var answer: GossipMessage?
        for round in 0..<4 {
            let strangers = (0..<250).map { "stranger-\(round)-\($0)" as NodeID }
            member.receive(gossip(record, acceptedBy: strangers + ["node-2"]).encoded, over: .gossip) { result in
                answer = try? GossipMessage(decoding: result.get())
            }
            group.settle()
        }
        #expect(answer?.bootstrap.record == record)
        #expect(answer?.bootstrap.acceptedBy == ["node-1", "node-2"])
        #expect(member.record == nil)
    }

    @Test("A record whose members bear ids that no node has is none", arguments: [
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

    @Test("A record of more members than any node knows is none")
    func recordOfTooManyMembers() throws {
        let most = try record(of: (0..<256).map { "n\($0)" })
        #expect(ClusterRecord(decoding: most.encoded) == most)
        #expect(ClusterRecord(decoding: try record(of: (0..<257).map { "n\($0)" }).encoded) == nil)
    }
}
