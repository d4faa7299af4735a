import Foundation
import Testing

@testable import HedgehogNode

/// Tests of clusters that lose a node or its disk: what the nodes report until all replicas are in sync again.
@Suite(.serialized) struct RepairTests {
    /// Short timeouts, so that the tests do not wait long for stopped nodes.
    private static let settings: [Setting: String] = [
        .operationTimeout: "2000", .replicaTimeout: "500", .antiEntropyInterval: "200",
    ]

    private func cluster(_ settings: [Setting: String] = [:]) throws -> TestCluster {
        let cluster = try TestCluster(of: 3, Self.settings.merging(settings) { $1 })
        cluster.client(0).makeTable("t")
        return cluster
    }

    private func item(_ number: Int) -> String { "/api/v1/tables/t/items/k\(number)" }

    private func write(_ numbers: Range<Int>, by client: TestClient, value: Int = 1) {
        for number in numbers {
            #expect(client.put(item(number) + "?consistency=strong", #"{"n":\#(value)}"#)?.status == 200)
        }
    }

    @Test("In a new cluster, the gauges and hint counts of every other member exist and are 0")
    func fresh() throws {
        let cluster = try cluster()
        for index in 0..<3 {
            let others = (1...3).filter { $0 != index + 1 }.map { "node-\($0)" }
            let page = try #require(cluster.client(index).get("/metrics")).text
            for family in [
                "replication_hinted_handoff_pending", "replication_hint_bytes", "replication_hints_stored_total",
                "replication_hints_delivered_total", "replication_hints_superseded_total", "divergent_keys",
                "divergence_age_seconds",
            ] {
                let lines = page.split(separator: "\n").filter { $0.hasPrefix("hedgehog_\(family){") }
                #expect(lines == others.map { "hedgehog_\(family){target_node=\"\($0)\"} 0" }, "\(family)")
            }
            for reason in ["expired", "limit", "disk", "queue"] {
                for other in others {
                    let series = #"hints_dropped_total{target_node="\#(other)",reason="\#(reason)"} 0"#
                    #expect(page.contains(series + "\n"))
                }
            }
            for family in ["recovering", "recovery_partitions", "purge_blocked_partitions"] {
                #expect(page.contains("hedgehog_\(family) 0\n"))
            }
            let backlog = try Backlog(cluster.client(index))
            #expect(backlog.pending == Dictionary(uniqueKeysWithValues: others.map { ($0, 0) }))
            #expect(backlog.accounts.values.allSatisfy { $0.values.allSatisfy { $0 == 0 } })
            #expect(backlog.hints.values.allSatisfy(\.isEmpty) && backlog.hints.count == 2)
        }
    }

    @Test("Writes that a stopped node misses are stored as hints, shown, and delivered when it returns")
    func hints() throws {
        let cluster = try cluster()
        cluster.stop(2)
        cluster.awaitDeath(of: 2, by: 0)
        write(0..<20, by: cluster.client(0))
        write(0..<5, by: cluster.client(0), value: 2)
        #expect(cluster.client(0).ask("DELETE", item(19) + "?consistency=strong")?.status == 200)
        cluster.poll(0, "keeps 20 hints") { (try? Backlog($0))?.pending["node-3"] == 20 }
        let backlog = try Backlog(cluster.client(0))
        let account = try #require(backlog.accounts["node-3"])
        #expect(account["stored"] == 26 && account["superseded"] == 6 && account["delivered"] == 0, "\(account)")
        #expect(account["pending"] == 20 && account["expired"] == 0 && account["pending_bytes"] ?? 0 > 20 * 100)
        #expect(backlog.pending["node-2"] == 0)
        let kept = try #require(backlog.hints["node-3"])
        #expect(Set(kept.map(\.key)) == Set((0..<20).map { "k\($0)" }))
        #expect(kept.allSatisfy { $0.table == "t" && $0.op == ($0.key == "k19" ? "delete" : "put") })
        let stored = try #require(kept.first)
        #expect(stored.timestamp.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
        #expect(stored.version.wholeMatch(of: /[0-9a-f]{32}/) != nil)
        #expect(try Backlog(cluster.client(0), "?limit=3").hints["node-3"]?.count == 3)
        expectMember(cluster.client(0), "node-3", hintsPending: 20)

        try cluster.start(2)
        cluster.poll(0, "has delivered all") { (try? Backlog($0))?.pending["node-3"] == 0 }
        let closed = try #require(try Backlog(cluster.client(0)).accounts["node-3"])
        #expect(closed["stored"] == 26 && closed["delivered"] == 20 && closed["superseded"] == 6, "\(closed)")
        #expect(closed["pending_bytes"] == 0)
        #expect(try Backlog(cluster.client(0)).hints["node-3"]?.isEmpty == true)
        expectMember(cluster.client(0), "node-3", hintsPending: 0)
        let page = try #require(cluster.client(0).get("/metrics")).text
        for line in [
            #"hedgehog_replication_hinted_handoff_pending{target_node="node-3"} 0"#,
            #"hedgehog_replication_hints_stored_total{target_node="node-3"} 26"#,
            #"hedgehog_replication_hints_delivered_total{target_node="node-3"} 20"#,
            #"hedgehog_replication_hint_replay_total{target_node="node-3",result="success"} 1"#,
            #"hedgehog_replication_hint_replay_ops_total{target_node="node-3",op="put"} 19"#,
            #"hedgehog_replication_hint_replay_ops_total{target_node="node-3",op="delete"} 1"#,
        ] { #expect(page.contains(line + "\n"), "\(line)") }
    }

    private func expectMember(
        _ client: TestClient, _ id: String, hintsPending: Int, location: SourceLocation = #_sourceLocation
    ) {
        let nodes = client.get("/api/v1/cluster/nodes")?.json["nodes"] as? [[String: Any]] ?? []
        let member = nodes.first { $0["id"] as? String == id }
        #expect(member?["hints_pending"] as? Int == hintsPending, sourceLocation: location)
    }

    @Test("Hints and their counts survive a restart of the node that holds them")
    func restart() throws {
        let cluster = try cluster()
        cluster.stop(2)
        write(0..<10, by: cluster.client(0))
        cluster.poll(0, "keeps 10 hints") { (try? Backlog($0))?.pending["node-3"] == 10 }
        cluster.stop(0)
        try cluster.start(0)
        cluster.poll(0, "is ready") { $0.get("/readyz")?.status == 200 }
        #expect(try Backlog(cluster.client(0)).accounts["node-3"]?["stored"] == 10)
        let page = try #require(cluster.client(0).get("/metrics")).text
        #expect(page.contains(#"hedgehog_replication_hinted_handoff_pending{target_node="node-3"} 10"# + "\n"))
        #expect(page.contains(#"hedgehog_replication_hinted_handoff_pending{target_node="node-2"} 0"# + "\n"))
    }

    @Test("A replay can be triggered for every other member, with or without hints")
    func replayNow() throws {
        let cluster = try cluster()
        let path = "/api/v1/debug/replay-hints/"
        for node in ["node-2", "node-3"] {
            let answer = try #require(cluster.client(0).ask("POST", path + node))
            #expect(answer.status == 200 && answer.text == #"{"message":"hint replay triggered"}"# + "\n")
        }
        let own = try #require(cluster.client(0).ask("POST", path + "node-1"))
        #expect(own.status == 404 && own.text.contains("is this node"))
        let stranger = try #require(cluster.client(0).ask("POST", path + "node%204"))
        #expect(stranger.status == 404 && stranger.text.contains(#"\"node 4\"; the other members: node-2, node-3"#))
    }

    @Test("Without disk space for hints their loss is counted, and anti-entropy repairs the replica")
    func antiEntropy() throws {
        let cluster = try cluster([.hintBudget: "0"])
        cluster.stop(2)
        write(0..<10, by: cluster.client(0))
        cluster.poll(0, "counts 10 hints that were not kept") {
            $0.get("/metrics")?.text.contains(
                #"hedgehog_replication_hints_dropped_total{target_node="node-3",reason="limit"} 10"# + "\n") == true
        }
        #expect(try Backlog(cluster.client(0)).accounts["node-3"]?["stored"] == 0)
        try cluster.start(2)
        cluster.poll(2, "holds all again") { client in
            client.get("/api/v1/tables/t/count")?.json["exact"] as? Bool == true
                && client.get("/api/v1/cluster/table-counts")?.json["t"] as? [String: Int]
                    == ["node-1": 10, "node-2": 10, "node-3": 10]
        }
        let mended = (0..<3).reduce(0) { sum, index in
            sum + repaired(cluster.client(index).get("/metrics")?.text ?? "")
        }
        #expect(mended == 10)
    }

    /// The number of keys that one node has sent or received by anti-entropy.
    private func repaired(_ page: String) -> Int {
        page.split(separator: "\n").filter { $0.hasPrefix("hedgehog_anti_entropy_keys_total{") }
            .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
    }

    @Test("A node with an empty data directory recovers, shows its progress, and then answers correctly")
    func lostDisk() throws {
        let cluster = try cluster()
        write(0..<30, by: cluster.client(0))
        cluster.stop(2)
        try cluster.start(2, afresh: true)
        cluster.poll(2, "says how far its recovery is") { client in
            let ready = client.get("/readyz")
            let checks = ready?.json["checks"] as? [String: [String: Any]]
            let recovery = checks?["recovery"]
            return ready?.status == 503 && recovery?["partitions"] as? Int == 256
                && recovery?["whole_partitions"] is Int && recovery?["reason"] is String
        }
        let status = cluster.client(2).get("/api/v1/cluster/status")?.json
        let recovery = try #require(status?["recovery"] as? [String: Any])
        #expect(recovery["partitions"] as? Int == 256 && recovery["explanation"] is String)
        let page = try #require(cluster.client(2).get("/metrics")).text
        #expect(page.contains("hedgehog_recovering 1\n") && page.contains("hedgehog_recovery_partitions 256\n"))
        cluster.poll(2, "is whole") { $0.get("/readyz")?.status == 200 }
        #expect(cluster.client(2).get("/metrics")?.text.contains("hedgehog_recovering 0\n") == true)
        let whole = cluster.client(2).get("/api/v1/cluster/status")?.json["recovery"]
        #expect(whole is NSNull)
        // After this node is stopped, every quorum consists of the node whose disk was lost and one other.
        cluster.stop(0)
        for number in 0..<30 {
            for consistency in ["eventual", "strong"] {
                let read = cluster.client(2).get(item(number) + "?consistency=\(consistency)")
                #expect(read?.json["item"] as? [String: Int] == ["n": 1], "\(number) \(read?.text ?? "")")
            }
        }
    }

    @Test("A node with a new disk does not answer 404 for a table that it has not yet learned of")
    func unknownTable() throws {
        let cluster = try cluster()
        write(0..<1, by: cluster.client(0))
        cluster.stop(2)
        try cluster.start(2, afresh: true)
        var seen: [Int: String] = [:]
        cluster.poll(2, "knows the table") { client in
            for path in ["/api/v1/tables/t", item(0), "/api/v1/tables"] {
                guard let answer = client.get(path) else { continue }
                if answer.status != 503 { seen[answer.status] = answer.text }
            }
            return client.get("/readyz")?.status == 200
        }
        #expect(seen[404] == nil, "\(seen[404] ?? "")")
        let tables = try #require(cluster.client(2).get("/api/v1/tables")?.json["tables"] as? [[String: Any]])
        #expect(tables.map { $0["name"] as? String } == ["t"])
        #expect(cluster.client(2).get("/api/v1/tables/other")?.status == 404)
    }

    @Test("A recovery that cannot complete ends when the data loss is accepted, and the answer states the loss")
    func acceptLoss() throws {
        let cluster = try cluster()
        write(0..<5, by: cluster.client(0))
        cluster.stop(1)
        cluster.stop(2)
        try cluster.start(2, afresh: true)
        cluster.poll(2, "says that too few are left") { client in
            let checks = client.get("/readyz")?.json["checks"] as? [String: [String: Any]]
            return (checks?["recovery"]?["reason"] as? String)?.contains("too few healthy members answer") == true
        }
        let path = "/internal/v1/admin/accept-data-loss"
        let wrong = try #require(cluster.client(0).ask("POST", path, [], Array(#"{"node":"node-3"}"#.utf8)))
        #expect(wrong.status == 400 && wrong.text.contains("this command to node-3 at 127.0.0.1:"), "\(wrong.text)")
        let accepted = try #require(cluster.client(2).ask("POST", path, [], Array(#"{"node":"node-3"}"#.utf8)))
        let message = accepted.json["message"] as? String
        #expect(accepted.status == 200 && message?.contains("0 of its 256 partitions are in sync") == true)
        cluster.poll(2, "is ready") { $0.get("/readyz")?.status == 200 }
        #expect(cluster.client(2).ask("POST", path, [], Array(#"{"node":"node-3"}"#.utf8))?.status == 409)
        cluster.poll(0, "serves strongly") { $0.put(item(9) + "?consistency=strong")?.status == 200 }
        for number in 0..<5 {
            let read = cluster.client(2).get(item(number) + "?consistency=strong")
            #expect(read?.json["item"] as? [String: Int] == ["n": 1], "\(read?.text ?? "")")
        }
    }

    @Test("A member that starts without peers reports what it waits for before it votes")
    func unconfirmed() throws {
        // The failure timeout is so long that the other nodes do not become dead during the test. Once all others are
        // dead, a restarted node no longer waits for one to confirm its disk.
        let cluster = try cluster([.failureTimeout: "5000"])
        for index in 0..<3 { cluster.stop(index) }
        try cluster.start(1)
        let ready = try #require(cluster.client(1).get("/readyz"))
        let recovery = (ready.json["checks"] as? [String: [String: Any]])?["recovery"]
        #expect(ready.status == 503 && recovery?["ok"] as? Bool == false, "\(ready.text)")
        #expect((recovery?["reason"] as? String)?.contains("waiting for a peer to confirm") == true)
        try cluster.start(2)
        cluster.poll(1, "is ready") { $0.get("/readyz")?.status == 200 }
    }

    @Test("Partitions whose purge is blocked by a dead member are counted, with the reason")
    func blockedPurge() throws {
        let cluster = try cluster([.gcGrace: "400ms", .hintWindow: "200ms"])
        write(0..<10, by: cluster.client(0))
        cluster.stop(2)
        cluster.awaitDeath(of: 2, by: 0)
        for number in 0..<10 {
            #expect(cluster.client(0).ask("DELETE", item(number) + "?consistency=strong")?.status == 200)
        }
        cluster.poll(0, "says why a purge is blocked") { client in
            let blocked = client.get("/api/v1/cluster/status")?.json["purge_blocked"] as? [String: Any]
            return (blocked?["count"] as? Int ?? 0) > 0
                && (blocked?["reason"] as? String)?.contains("node-3 is dead") == true
        }
        try cluster.start(2)
        cluster.poll(0, "forgets them on all") { client in
            client.get("/api/v1/tables/t")?.json["tombstones"] as? Int == 0
                && client.get("/metrics")?.text.contains("hedgehog_purge_blocked_partitions 0\n") == true
        }
        let purged = (0..<3).compactMap { index in
            cluster.client(index).get("/metrics")?.text.split(separator: "\n")
                .first { $0.hasPrefix("hedgehog_tombstones_purged_total ") }?.split(separator: " ").last
        }.compactMap { Int($0) }.reduce(0, +)
        #expect(purged > 0)
    }
}

/// The answer of the hint backlog route.
private struct Backlog {
    struct Kept {
        let table: String?
        let key: String
        let op: String
        let timestamp: String
        let version: String
    }

    let pending: [String: Int]
    let accounts: [String: [String: Int]]
    let hints: [String: [Kept]]

    init(_ client: TestClient, _ query: String = "") throws {
        let answer = try #require(client.get("/api/v1/debug/replication-backlog" + query))
        try #require(answer.status == 200, "\(answer.text)")
        pending = try #require(answer.json["pending_per_node"] as? [String: Int])
        accounts = try #require(answer.json["accounts"] as? [String: [String: Int]])
        let listed = try #require(answer.json["hints"] as? [String: [[String: Any]]])
        hints = listed.mapValues { $0.map(Kept.init) }
    }
}

extension Backlog.Kept {
    fileprivate init(_ json: [String: Any]) {
        func text(_ name: String) -> String { json[name] as? String ?? "" }
        self.init(
            table: json["table_name"] as? String, key: text("key"), op: text("op"), timestamp: text("timestamp"),
            version: text("version"))
    }
}
