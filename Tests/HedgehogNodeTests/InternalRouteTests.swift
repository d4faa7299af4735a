import Foundation
import Testing

@testable import HedgehogNode

@Suite(.sharedNode) struct InternalRouteTests {
    private static let paths = ["/internal/v1/replicate", "/internal/v1/gossip"]
    private static let admin = [
        "/internal/v1/admin/abandon-formation", "/internal/v1/admin/accept-data-loss",
    ]

    @Test("A message without the cluster secret is refused, and the error names the flag", arguments: paths, [
        [], ["X-Cluster-Secret: wrong-"], ["X-Cluster-Secret: s3cre"],
        ["X-Cluster-Secret: s3cret", "X-Cluster-Secret: s3cret"],
    ])
    func secret(path: String, fields: [String]) throws {
        let secretFile = TestDirectory()
        try "s3cret\n".write(toFile: secretFile.path, atomically: true, encoding: .utf8)
        let node = try TestNode([.clusterSecretFile: secretFile.path])
        let answer = try #require(node.client().ask("POST", path, fields, [0x78]))
        #expect(answer.status == 403 && answer.text.contains("--cluster-secret-file"), "\(answer.text)")
        let metrics = try #require(node.client().get("/metrics"))
        #expect(metrics.text.contains(#"hedgehog_peer_messages_refused_total{reason="secret"} 1"#))
    }

    @Test("Requests with an Origin header are refused on internal routes", arguments: paths + admin)
    func browser(path: String) throws {
        let client = TestNode.shared.client()
        let answer = try #require(client.ask("POST", path, ["Origin: http://example.com"], [0x78]))
        #expect(answer.status == 403 && answer.text.contains("Origin header"))
        let preflight = try #require(client.ask("OPTIONS", path, ["Origin: http://example.com"]))
        #expect(preflight.status == 405 && preflight["Allow"] == "POST")
    }

    @Test("Only POST is allowed", arguments: paths + admin, ["GET", "PUT", "DELETE"])
    func methods(path: String, method: String) throws {
        let answer = try #require(TestNode.shared.client().ask(method, path, [], method == "PUT" ? [0x78] : []))
        #expect(answer.status == 405 && answer["Allow"] == "POST")
    }

    @Test("Similar paths are unknown", arguments: [
        "/internal", "/internal/v1", "/internal/v1/replicate/", "/internal/v1/replicate/x", "/internal/v1/admin",
        "/internal/v2/gossip", "/api/v1/replicate",
    ])
    func unknown(path: String) throws {
        #expect(TestNode.shared.client().ask("POST", path, [], [0x78])?.status == 404)
    }

    @Test("Data loss is accepted only by the named node, and only while it is recovering", arguments: [
        ("", 400, "the body is empty"), ("[]", 400, "not an object"), ("{}", 400, #"the body has no "node""#),
        (#"{"node":7}"#, 400, #"the one for this node is {"node":"node-1"}"#),
        (#"{"node":"node-2"}"#, 400, "this node is node-1, not node-2; send this command to node-2"),
        (#"{"node":"node-1"}"#, 409, "node-1 is not recovering: there is no data loss to accept"),
    ])
    func acceptDataLoss(body: String, status: Int, sentence: String) throws {
        let answer = TestNode.shared.client().ask(
            "POST", "/internal/v1/admin/accept-data-loss", [], Array(body.utf8))
        #expect(answer?.status == status)
        #expect((answer?.json["error"] as? String)?.contains(sentence) == true, "\(answer?.text ?? "")")
    }
}
