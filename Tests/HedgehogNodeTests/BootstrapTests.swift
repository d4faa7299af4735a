import Foundation
import Testing

@testable import HedgehogNode

/// The reasons that nodes report while the bootstrap of their cluster cannot complete.
@Suite struct BootstrapTests {
    private func start(_ id: String, _ settings: [Setting: String] = [:]) throws -> TestNode {
        try TestNode(
            [.nodeID: id, .bootstrapExpect: "2", .heartbeatInterval: "50", .failureTimeout: "300"]
                .merging(settings) { $1 })
    }

    private func seed(_ node: TestNode) -> String { "127.0.0.1:\(node.port)" }

    /// Waits until the node's reason for not being ready contains all of `parts`.
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
        Issue.record("the node never reported the expected reason: \(reason)", sourceLocation: location)
    }

    @Test("An unreachable seed is reported with its address")
    func seedDown() throws {
        expectReason(
            try start("node-1", [.seedNodes: "127.0.0.1:1"]), "waiting for 1 more of 2 nodes; known so far: node-1",
            "the seed at 127.0.0.1:1: connection refused")
    }

    @Test("A seed of another cluster is reported, and that cluster is not affected")
    func wrongSeed() throws {
        let other = try TestNode([.nodeID: "loner"])
        let node = try start("node-1", [.seedNodes: seed(other)])
        expectReason(node, "loner")
        #expect(other.client().get("/readyz")?.status == 200)
        #expect(node.client().get("/api/v1/tables")?.status == 503)
    }

    @Test("Two nodes with the same id report it and serve nothing")
    func sameID() throws {
        let first = try start("node-1")
        let second = try start("node-1", [.seedNodes: seed(first)])
        expectReason(second, "another process uses the id node-1", "every node needs a --node-id of its own")
        #expect(first.client().get("/api/v1/tables")?.status == 503)
    }

    @Test("Contradicting flags of two nodes prevent the bootstrap, and both values are reported", arguments: [
        ([.replicas: "1"], [.replicas: "2"], "--replication-n is 2, but the cluster's bootstrap fixed it at 1"),
        ([.gcGrace: "24h"], [.gcGrace: "48h"], "--gc-grace is 172800000ms, but the cluster's bootstrap fixed it at"),
        ([.partitions: "64"], [:], "--partitions is 256, but the cluster's bootstrap fixed it at 64"),
    ] as [([Setting: String], [Setting: String], String)])
    func contradiction(one: [Setting: String], other: [Setting: String], sentence: String) throws {
        let first = try start("node-1", one)
        let second = try start("node-2", other.merging([.seedNodes: seed(first)]) { $1 })
        expectReason(second, sentence)
        #expect(first.client().get("/readyz")?.status == 503)
    }

    @Test("Different numbers of expected members prevent the bootstrap, and both numbers are reported")
    func expectations() throws {
        let first = try start("node-1")
        let second = try start("node-2", [.bootstrapExpect: "3", .seedNodes: seed(first)])
        expectReason(first, "node-2 has --bootstrap-expect 3, this node 2")
        expectReason(second, "waiting for 1 more of 3 nodes; known so far: node-1, node-2")
    }

    @Test("A node without the cluster secret is not admitted and reports the reason")
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

    @Test("A bootstrap can be aborted after a record was accepted, and neither before nor after it is complete")
    func abort() throws {
        let path = "/internal/v1/admin/abandon-formation"
        let first = try start("node-1", [.gcGrace: "24h"])
        #expect(first.client().ask("POST", path)?.status == 409)
        let second = try start("node-2", [.gcGrace: "48h", .seedNodes: seed(first)])
        expectReason(second, "--gc-grace")
        #expect(first.client().ask("POST", path)?.status == 200)
        let refused = try #require(try TestNode().client().ask("POST", path))
        #expect(refused.status == 409 && refused.text.contains("cannot be aborted"), "\(refused.text)")
    }

    @Test("A member whose settings contradict the cluster record does not start")
    func laterContradiction() throws {
        let cluster = try TestCluster(of: 2)
        cluster.stop(1)
        let settings: [Setting: String] = [.nodeID: "node-2", .bootstrapExpect: "3"]
        let refusal = try #require(TestNode.refusal(in: cluster.directory(1), settings))
        #expect(refusal.contains("--bootstrap-expect is 3, but the cluster's bootstrap fixed it at 2"), "\(refusal)")
    }
}
