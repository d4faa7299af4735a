import Testing

@testable import HedgehogNode

@Suite struct RestartTests {
    @Test("A restarted node has exactly the data it had before")
    func everything() throws {
        let directory = TestDirectory()
        let paths = [
            "/api/v1/tables", "/api/v1/tables/kept", "/api/v1/tables/kept/count", "/api/v1/tables/kept/items",
            "/api/v1/tables/kept/items/b", "/api/v1/tables/kept/items/%00%2F", "/api/v1/tables/again/items",
            "/api/v1/cluster/table-counts", "/api/v1/debug/replica-nodes?table=kept&key=b",
            "/api/v1/debug/replica-nodes?table=kept&key=dropped", "/api/v1/tables/kept/items/dropped",
            "/api/v1/tables/gone",
        ]
        let ids = ["X-Request-ID: r", "X-Trace-ID: 0af7651916cd43dd8448eb211c80319c"]
        func look(_ client: TestClient) -> [String] {
            paths.map { path in
                let answer = client.get(path, ids)
                return "\(path) \(answer?.status ?? 0) \(answer?["ETag"] ?? "-") \(answer?.text ?? "")"
            }
        }
        func clusterID(_ client: TestClient) -> String? {
            client.get("/api/v1/cluster/status")?.json["cluster_id"] as? String
        }
        let before: [String]
        let cluster: String?
        let cursor: String
        do {
            let node = try TestNode(in: directory)
            let client = node.client()
            for table in ["kept", "gone", "again"] { client.makeTable(table) }
            for key in ["a", "b", "dropped", "%00%2F"] {
                _ = client.put("/api/v1/tables/kept/items/\(key)", #"{ "n":1.0 }"#)
            }
            _ = client.put("/api/v1/tables/again/items/old")
            for target in ["kept/items/dropped", "gone", "again?confirm=again"] {
                _ = client.ask("DELETE", "/api/v1/tables/\(target)")
            }
            client.makeTable("again")
            _ = client.put("/api/v1/tables/again/items/new")
            (before, cluster) = (look(client), clusterID(client))
            cursor = try #require(client.get("/api/v1/tables/kept/items?limit=1")?.json["next"] as? String)
            node.stop()
        }
        let node = try TestNode(in: directory)
        let client = node.client()
        #expect(look(client) == before)
        #expect(cluster != nil)
        #expect(clusterID(client) == cluster)
        let rest = client.get("/api/v1/tables/kept/items?after=\(cursor)&keys_only=true")
        #expect(rest?.text == #"{"items":[{"key":"a"},{"key":"b"}],"count":2}"# + "\n")
        let old = client.get("/api/v1/tables/kept/items/b")?["ETag"] ?? ""
        #expect(try #require(client.put("/api/v1/tables/kept/items/b")?["ETag"]) > old)
    }

    @Test("A node stopped under load answers every request it received and keeps every acknowledged write")
    func underLoad() throws {
        let directory = TestDirectory()
        var acknowledged = 0
        do {
            let node = try TestNode(in: directory, [.sync: "always"])
            let client = node.client()
            client.makeTable("t")
            client.send((0..<100).flatMap {
                TestClient.request("PUT", "/api/v1/tables/t/items/\($0)", [], Array("{\"n\":\($0)}".utf8))
            })
            #expect(client.receive()?.status == 200)
            node.stop()
            acknowledged = 1
            while let answer = client.receive() {
                #expect(answer.status == 200)
                acknowledged += 1
            }
        }
        #expect(acknowledged == 100)
        let client = try TestNode(in: directory).client()
        #expect(client.get("/api/v1/tables/t/count")?.json["count"] as? Int == acknowledged)
        let answers = client.askAll((0..<acknowledged).map { .init(target: "/api/v1/tables/t/items/\($0)") })
        #expect(answers.enumerated().allSatisfy { $1.json["item"] as? [String: Int] == ["n": $0] })
    }

    @Test("Writes that are not synced survive the end of the process")
    func interval() throws {
        let directory = TestDirectory()
        do {
            let node = try TestNode(in: directory, [.sync: "interval"])
            let client = node.client()
            client.makeTable("t")
            _ = client.put("/api/v1/tables/t/items/k")
            node.stop()
        }
        #expect(try TestNode(in: directory).client().get("/api/v1/tables/t/items/k")?.status == 200)
    }
}
