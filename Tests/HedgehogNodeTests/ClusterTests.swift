import Foundation
import Testing

@testable import HedgehogNode

@Suite(.serialized) struct ClusterTests {
    @Test("A table created on one node is written on a second and read on a third")
    func threeNodes() throws {
        let cluster = try TestCluster()
        let made = cluster.client(0).ask("POST", "/api/v1/tables", [], Array(#"{"name":"users"}"#.utf8))
        #expect(made?.status == 201)
        let path = "/api/v1/tables/users/items/alice"
        for consistency in ["eventual", "strong"] {
            let written = try #require(
                cluster.client(1).put(path + "?consistency=\(consistency)", #"{"via":"\#(consistency)"}"#))
            #expect(written.status == 200, "\(written.text)")
            let expected = #"{"key":"alice","item":{"via":"\#(consistency)"}}"# + "\n"
            // An eventual write may reach the other replicas a moment after its answer, so the test polls.
            if consistency == "eventual" {
                cluster.poll(2, "reads it") { $0.get(path + "?consistency=strong")?.text == expected }
            }
            let read = try #require(cluster.client(2).get(path + "?consistency=strong"))
            #expect(read.text == expected)
            #expect(read["ETag"] == written["ETag"] && written["ETag"] != nil)
        }
        #expect(cluster.client(0).ask("DELETE", path + "?consistency=strong")?.status == 200)
        #expect(cluster.client(2).get(path + "?consistency=strong")?.status == 404)
        #expect(cluster.client(1).ask("DELETE", path)?.status == 404)
    }

    @Test("Every kind of key is the same on every node")
    func keys() throws {
        let cluster = try TestCluster()
        cluster.client(0).makeTable("t")
        let keys = [
            "a b", "100%", "a&b=c", "#", "a/b", "...", "?", "\u{e9}", "e\u{301}", "\u{1F994}", "\u{0}\n", "\\\"'", "+",
        ]
        for (number, key) in keys.enumerated() {
            let path = "/api/v1/tables/t/items/\(key.utf8.map { String(format: "%%%02X", $0) }.joined())"
            #expect(cluster.client(number % 3).put(path + "?consistency=strong", #"{"n":\#(number)}"#)?.status == 200)
            for index in 0..<3 {
                let answer = try #require(cluster.client(index).get(path + "?consistency=strong"))
                #expect((answer.json["key"] as? String)?.utf8.elementsEqual(key.utf8) == true, "\(answer.text)")
                #expect(answer.json["item"] as? [String: Int] == ["n": number])
            }
        }
    }

    @Test("The largest item is the same on every node, also when many are written at once")
    func largeItems() throws {
        let cluster = try TestCluster()
        cluster.client(0).makeTable("t")
        let item = #"{"a":""# + String(repeating: "x", count: (1 << 20) - 8) + #""}"#
        let clients = (0..<6).map { cluster.client($0 % 3) }
        for (number, client) in clients.enumerated() {
            let path = "/api/v1/tables/t/items/\(number)?consistency=strong"
            client.send(TestClient.request("PUT", path, [], Array(item.utf8)))
        }
        for client in clients { #expect(client.receive()?.status == 200) }
        for number in 0..<6 {
            let answer = cluster.client((number + 1) % 3).get("/api/v1/tables/t/items/\(number)?consistency=strong")
            #expect(answer?.text == #"{"key":"\#(number)","item":"# + item + "}\n")
        }
    }

    @Test("With one of three nodes stopped everything is served; with two stopped, only eventual operations")
    func stops() throws {
        let cluster = try TestCluster(of: 3, [.operationTimeout: "2000", .replicaTimeout: "500"])
        cluster.client(0).makeTable("t")
        let path = "/api/v1/tables/t/items/k"
        #expect(cluster.client(0).put(path + "?consistency=strong", #"{"n":1}"#)?.status == 200)
        cluster.stop(1)
        #expect(cluster.client(0).put(path + "?consistency=strong", #"{"n":2}"#)?.status == 200)
        #expect(cluster.client(2).get(path + "?consistency=strong")?.json["item"] as? [String: Int] == ["n": 2])
        #expect(cluster.client(2).put(path, #"{"n":3}"#)?.status == 200)
        cluster.awaitDeath(of: 1, by: 0)
        #expect(cluster.client(0).put(path + "?consistency=strong", #"{"n":4}"#)?.status == 200)
        cluster.stop(2)
        for (method, body) in [("PUT", #"{"n":5}"#), ("GET", ""), ("DELETE", "")] {
            let refused = try #require(
                cluster.client(0).ask(method, path + "?consistency=strong", [], Array(body.utf8)))
            #expect(refused.status == 503 && refused.json["required"] as? Int == 2, "\(refused.text)")
            #expect((refused.json["acks"] as? Int).map { $0 < 2 } == true, "\(refused.text)")
            #expect(["not_applied", "unknown"].contains(refused.json["outcome"] as? String ?? ""))
            #expect(refused["Retry-After"] != nil)
        }
        #expect(cluster.client(0).put(path, #"{"n":6}"#)?.status == 200)
        #expect(cluster.client(0).get(path)?.json["item"] as? [String: Int] == ["n": 6])
        try cluster.start(1)
        try cluster.start(2)
        cluster.poll(0, "writes strongly again") { $0.put(path + "?consistency=strong", #"{"n":7}"#)?.status == 200 }
        cluster.poll(2, "reads strongly again") {
            $0.get(path + "?consistency=strong")?.json["item"] as? [String: Int] == ["n": 7]
        }
    }

    @Test("A table created again has none of its old items, also on a node that was stopped meanwhile")
    func tableAgain() throws {
        let cluster = try TestCluster()
        cluster.client(0).makeTable("t")
        let path = "/api/v1/tables/t/items/old?consistency=strong"
        #expect(cluster.client(0).put(path)?.status == 200)
        cluster.stop(2)
        #expect(cluster.client(0).ask("DELETE", "/api/v1/tables/t?confirm=t")?.status == 200)
        #expect(cluster.client(1).get(path)?.status == 404)
        #expect(cluster.client(1).put(path)?.status == 404)
        cluster.client(1).makeTable("t")
        try cluster.start(2)
        cluster.poll(2, "knows the new table") { client in
            client.get("/api/v1/tables/t/items/old?consistency=strong")?.text.contains("item not found") == true
        }
        #expect(cluster.client(2).get("/api/v1/tables/t/items/old")?.status == 404)
    }

    @Test("A cluster restarts without one of its members and keeps its data")
    func restart() throws {
        let cluster = try TestCluster()
        cluster.client(0).makeTable("t")
        let path = "/api/v1/tables/t/items/k?consistency=strong"
        #expect(cluster.client(0).put(path, #"{"n":1}"#)?.status == 200)
        for index in 0..<3 { cluster.stop(index) }
        try cluster.start(1)
        try cluster.start(2)
        cluster.poll(2, "reads what was written") {
            $0.get(path)?.json["item"] as? [String: Int] == ["n": 1]
        }
        cluster.poll(1, "writes again") { $0.put(path, #"{"n":2}"#)?.status == 200 }
    }

    @Test("A member that lost its disk reports it, does not vote, and stores writes")
    func lostDisk() throws {
        let cluster = try TestCluster()
        cluster.client(0).makeTable("t")
        let path = "/api/v1/tables/t/items/k"
        #expect(cluster.client(0).put(path + "?consistency=strong", #"{"n":1}"#)?.status == 200)
        cluster.stop(2)
        cluster.awaitDeath(of: 2, by: 0)
        cluster.awaitDeath(of: 2, by: 1)
        try cluster.start(2, afresh: true)
        cluster.poll(2, "says that it recovers") { client in
            let checks = client.get("/readyz")?.json["checks"] as? [String: [String: Any]]
            return checks?["recovery"]?["ok"] as? Bool == false && checks?["cluster"]?["ok"] as? Bool == true
        }
        cluster.poll(0, "sees it recovering") { client in
            let nodes = client.get("/api/v1/cluster/nodes")?.json["nodes"] as? [[String: Any]] ?? []
            return nodes.contains { $0["id"] as? String == "node-3" && $0["state"] as? String == "recovering" }
        }
        // A replica that lacks the item must not answer 404, because another replica may hold it.
        for index in 0..<3 {
            #expect(cluster.client(index).get(path + "?consistency=strong")?.status == 200)
            #expect(cluster.client(index).get(path)?.status == 200)
        }
        #expect(cluster.client(1).put(path + "?consistency=strong", #"{"n":2}"#)?.status == 200)
    }

    @Test("Two concurrent creations of one name create one table")
    func creations() throws {
        let cluster = try TestCluster()
        let clients = (0..<3).map { cluster.client($0) }
        let body = Array(#"{"name":"twice"}"#.utf8)
        for client in clients { client.send(TestClient.request("POST", "/api/v1/tables", [], body)) }
        let statuses = clients.map { $0.receive()?.status }
        #expect(statuses.allSatisfy { $0 == 201 || $0 == 409 } && statuses.contains(201), "\(statuses)")
        #expect(cluster.client(0).put("/api/v1/tables/twice/items/k?consistency=strong")?.status == 200)
        for client in clients {
            let tables = client.get("/api/v1/tables")?.json["tables"] as? [[String: Any]] ?? []
            #expect(tables.filter { $0["name"] as? String == "twice" }.count == 1)
            #expect(client.get("/api/v1/tables/twice/items/k?consistency=strong")?.status == 200)
        }
    }

    @Test("A scan, a count and a list cover all nodes of the cluster")
    func wholeTable() throws {
        let cluster = try TestCluster(of: 4, [.replicas: "2"])
        cluster.client(0).makeTable("t")
        let keys = (0..<120).map { String(format: "k%03d", $0) }
        for (number, key) in keys.enumerated() {
            let path = "/api/v1/tables/t/items/\(key)?consistency=strong"
            #expect(cluster.client(number % 4).put(path, #"{"n":\#(number)}"#)?.status == 200)
        }
        #expect(cluster.client(1).ask("DELETE", "/api/v1/tables/t/items/k000?consistency=strong")?.status == 200)
        for index in 0..<4 {
            let client = cluster.client(index)
            #expect(client.get("/api/v1/tables/t/count")?.json["count"] as? Int == 119)
            #expect(scan(client, limit: 50) == Array(keys.dropFirst()))
            let tables = client.get("/api/v1/tables")?.json["tables"] as? [[String: Any]]
            #expect(tables?.first?["item_count"] as? Int == 119)
            let counts = client.get("/api/v1/cluster/table-counts")?.json["t"] as? [String: Int] ?? [:]
            #expect(counts.count == 4 && counts.values.reduce(0, +) == 238 && counts.values.allSatisfy { $0 < 119 })
            #expect(client.get("/api/v1/tables/t")?.json["tombstones"] as? Int == 1)
        }
    }

    private func scan(_ client: TestClient, limit: Int) -> [String] {
        var (keys, after): ([String], String?) = ([], nil)
        repeat {
            let answer = client.get("/api/v1/tables/t/items?limit=\(limit)" + (after.map { "&after=\($0)" } ?? ""))
            keys += (answer?.json["items"] as? [[String: Any]] ?? []).compactMap { $0["key"] as? String }
            after = answer?.json["next"] as? String
        } while after != nil
        return keys
    }

    @Test("Without any replica of a partition, a scan and a count fail and name the partition")
    func lostPartition() throws {
        let cluster = try TestCluster(of: 3, [.replicas: "1", .operationTimeout: "2000", .replicaTimeout: "500"])
        cluster.client(0).makeTable("t")
        cluster.stop(2)
        for path in ["/api/v1/tables/t/items", "/api/v1/tables/t/count"] {
            let refused = try #require(cluster.client(0).get(path))
            #expect(refused.status == 503 && refused.text.contains("has no replica that answers"), "\(refused.text)")
        }
        let listed = cluster.client(0).get("/api/v1/tables")?.json["tables"] as? [[String: Any]]
        #expect(listed?.first?["item_count"] as? Int == -1)
        let counts = cluster.client(0).get("/api/v1/cluster/table-counts")?.json["t"] as? [String: Int]
        #expect(counts == ["node-1": 0, "node-2": 0, "node-3": -1])
    }

    @Test("The version of a key is shown for each replica that answers")
    func replicas() throws {
        let cluster = try TestCluster()
        cluster.client(0).makeTable("t")
        let written = cluster.client(0).put("/api/v1/tables/t/items/k?consistency=strong")
        let version = try #require(written?["ETag"]?.trimmingCharacters(in: ["\""]))
        let path = "/api/v1/debug/replica-nodes?table=t&key=k"
        cluster.poll(1, "sees all replicas agree") { client in
            client.get(path)?.json["versions"] as? [String: String]
                == ["node-1": version, "node-2": version, "node-3": version]
        }
        cluster.stop(2)
        let answer = try #require(cluster.client(1).get(path))
        #expect(Set(answer.json["replicas"] as? [String] ?? []) == ["node-1", "node-2", "node-3"])
        #expect(answer.json["versions"] as? [String: String] == ["node-1": version, "node-2": version])
    }

    @Test("Every write is counted once for each other replica, by its result")
    func metrics() throws {
        let cluster = try TestCluster()
        cluster.client(0).makeTable("t")
        let path = "/api/v1/tables/t/items/k"
        for number in 0..<5 {
            #expect(cluster.client(0).put(path + "?consistency=strong", #"{"n":\#(number)}"#)?.status == 200)
        }
        for _ in 0..<3 { #expect(cluster.client(0).put(path)?.status == 200) }
        #expect(cluster.client(0).ask("DELETE", path + "?consistency=strong")?.status == 200)
        func sends(_ op: String, _ target: String, _ result: String) -> String {
            #"hedgehog_replication_send_total{op="\#(op)",target_node="\#(target)",result="\#(result)"}"#
        }
        cluster.poll(0, "counts 8 puts and 1 delete to each of two members") { client in
            let page = client.get("/metrics")?.text ?? ""
            return ["node-2", "node-3"].allSatisfy { target in
                page.contains(sends("put", target, "success") + " 8\n")
                    && page.contains(sends("delete", target, "success") + " 1\n")
                    && page.contains(sends("put", target, "failure") + " 0\n")
            }
        }
        #expect(cluster.client(0).get("/metrics")?.text.contains(#"target_node="node-1""#) == false)
        for index in 1...2 {
            cluster.poll(index, "counts what it received") { client in
                let page = client.get("/metrics")?.text ?? ""
                return page.contains(#"hedgehog_replication_received_total{op="put",result="success"} 8"# + "\n")
                    && page.contains(#"hedgehog_replication_received_total{op="delete",result="success"} 1"# + "\n")
            }
        }
    }

    @Test("Until its bootstrap is complete a node is live and reports what it waits for")
    func unformed() throws {
        let node = try TestNode([.bootstrapExpect: "3", .seedNodes: "127.0.0.1:1"])
        let client = node.client()
        #expect(client.get("/livez")?.status == 200)
        for path in ["/api/v1/tables", "/api/v1/tables/t/items/k", "/api/v1/tables/t/items", "/api/v1/tables/t/count"] {
            let refused = try #require(client.get(path))
            #expect(refused.status == 503 && refused.text.contains("cluster bootstrap not complete"), "\(refused.text)")
        }
        let ready = try #require(client.get("/readyz"))
        let cluster = (ready.json["checks"] as? [String: [String: Any]])?["cluster"]
        #expect(ready.status == 503 && cluster?["ok"] as? Bool == false && cluster?["reason"] != nil, "\(ready.text)")
        #expect(client.get("/api/v1/cluster/status")?.json["formed"] as? Bool == false)
    }
}
