import Foundation
import Testing

@testable import HedgehogNode

/// What an operator sees of a cluster that does not form.
@Suite struct FormingTests {
    private func start(_ id: String, _ settings: [Setting: String] = [:]) throws -> TestNode {
        try TestNode(
            [.nodeID: id, .bootstrapExpect: "2", .heartbeatInterval: "50", .failureTimeout: "300"]
                .merging(settings) { $1 })
    }

    private func seed(_ node: TestNode) -> String { "127.0.0.1:\(node.port)" }

    /// The node's reason for not being ready, once it contains all that is expected.
    private func expectReason(
        _ node: TestNode, _ parts: String..., location: SourceLocation = #_sourceLocation
    ) {
        let deadline = ContinuousClock.now + .seconds(15)
        var reason = ""
        while ContinuousClock.now < deadline {
            let ready = node.client().get("/readyz")
            reason = ready?.json["error"] as? String ?? ""
            if ready?.status == 503, parts.allSatisfy(reason.contains) { return }
        }
        Issue.record("the reason was never what is expected: \(reason)", sourceLocation: location)
    }

    @Test("A seed that is down is named with its address")
    func seedDown() throws {
        expectReason(
            try start("node-1", [.seedNodes: "127.0.0.1:1"]), "waiting for 1 more of 2 nodes; here are node-1",
            "the seed at 127.0.0.1:1: connection refused")
    }

    @Test("A seed of another cluster is named, and is not disturbed")
    func wrongSeed() throws {
        let other = try TestNode([.nodeID: "loner"])
        let node = try start("node-1", [.seedNodes: seed(other)])
        expectReason(node, "loner")
        #expect(other.client().get("/readyz")?.status == 200)
        #expect(node.client().get("/api/v1/tables")?.status == 503)
    }

    @Test("Two nodes of one id are told so, and serve nothing")
    func sameID() throws {
        let first = try start("node-1")
        let second = try start("node-1", [.seedNodes: seed(first)])
        expectReason(second, "another process uses the id node-1", "every node needs a --node-id of its own")
        #expect(first.client().get("/api/v1/tables")?.status == 503)
    }

    @Test("Flags that contradict each other keep a cluster from forming, and both values are named", arguments: [
        ([.replicas: "1"], [.replicas: "2"], "--replication-n is 2, but this node's cluster was formed with 1"),
        ([.gcGrace: "24h"], [.gcGrace: "48h"], "--gc-grace is 172800000ms, but this node's cluster was formed with"),
        ([.partitions: "64"], [:], "--partitions is 256, but this node's cluster was formed with 64"),
    ] as [([Setting: String], [Setting: String], String)])
    func contradiction(one: [Setting: String], other: [Setting: String], sentence: String) throws {
        let first = try start("node-1", one)
        let second = try start("node-2", other.merging([.seedNodes: seed(first)]) { $1 })
        expectReason(second, sentence)
        #expect(first.client().get("/readyz")?.status == 503)
    }

    @Test("Nodes that expect different numbers of members do not form a cluster, and both numbers are named")
    func expectations() throws {
        let first = try start("node-1")
        let second = try start("node-2", [.bootstrapExpect: "3", .seedNodes: seed(first)])
        expectReason(first, "node-2 was told --bootstrap-expect 3, this node 2")
        expectReason(second, "waiting for 1 more of 3 nodes; here are node-1, node-2")
    }

    @Test("A node without the cluster's secret does not get in, and is told why")
    func secret() throws {
        let file = TestDirectory()
        try "s3cret\n".write(toFile: file.path, atomically: true, encoding: .utf8)
        let first = try start("node-1", [.clusterSecretFile: file.path])
        let second = try start("node-2", [.seedNodes: seed(first)])
        expectReason(second, "X-Cluster-Secret", "--cluster-secret-file")
        let third = try start("node-3", [.seedNodes: seed(first), .clusterSecretFile: file.path])
        let deadline = ContinuousClock.now + .seconds(15)
        while third.client().get("/readyz")?.status != 200, ContinuousClock.now < deadline {}
        #expect(third.client().get("/readyz")?.status == 200)
        #expect(second.client().get("/readyz")?.status == 503)
    }

    @Test("An operator can have abandoned what was accepted, and neither nothing nor a formed cluster")
    func abandon() throws {
        let path = "/internal/v1/admin/abandon-formation"
        let first = try start("node-1", [.gcGrace: "24h"])
        #expect(first.client().ask("POST", path)?.status == 409)
        let second = try start("node-2", [.gcGrace: "48h", .seedNodes: seed(first)])
        expectReason(second, "--gc-grace")
        #expect(first.client().ask("POST", path)?.status == 200)
        let refused = try #require(try TestNode().client().ask("POST", path))
        #expect(refused.status == 409 && refused.text.contains("formed"), "\(refused.text)")
    }

    @Test("A member of a formed cluster that is told something else at its next start does not start")
    func laterContradiction() throws {
        let cluster = try TestCluster(of: 2)
        cluster.stop(1)
        let settings: [Setting: String] = [.nodeID: "node-2", .bootstrapExpect: "3"]
        let refusal = try #require(TestNode.refusal(in: cluster.directory(1), settings))
        #expect(refusal.contains("--bootstrap-expect is 3, but this node's cluster was formed with 2"), "\(refusal)")
    }
}
