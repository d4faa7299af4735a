import Testing

@testable import HedgehogNode

@Suite struct MissingMemberTests {
    @Test("A quorum error names every member that is missing, as long as it is missing")
    func deadMembers() throws {
        let cluster = try TestCluster(of: 3, [.operationTimeout: "2000", .replicaTimeout: "500"])
        let client = cluster.client(0)
        client.makeTable("t")
        let item = "/api/v1/tables/t/items/k?consistency=strong"
        #expect(client.put(item)?.status == 200)
        cluster.stop(1)
        cluster.stop(2)
        cluster.awaitDeath(of: 1, by: 0)
        cluster.awaitDeath(of: 2, by: 0)
        let name = Array(#"{"name":"other"}"#.utf8)
        let requests: [(method: String, target: String, body: [UInt8])] = [
            ("GET", item, []), ("PUT", item, Array("{}".utf8)), ("DELETE", item, []),
            ("POST", "/api/v1/tables", name), ("DELETE", "/api/v1/tables/t?confirm=t", []),
        ]
        for (method, target, body) in requests {
            let refused = try #require(client.ask(method, target, [], body))
            let error = refused.json["error"] as? String ?? ""
            #expect(refused.status == 503, "\(method) \(target)")
            let expected = #/(read|write) quorum not reached: [01] of [23] replicas (answered|acknowledged) \((.*)\)/#
            let missing = try #require(error.wholeMatch(of: expected), "\(method): \(error)").3.split(separator: "; ")
            #expect(missing.count == 2, "\(method): \(error)")
            for member in missing {
                #expect(member.wholeMatch(of: /node-[23]: dead, no answer for \d+ m?s/) != nil, "\(method): \(error)")
            }
        }
    }

    @Test("A scan names the members without which a partition has no replica")
    func scan() throws {
        let cluster = try TestCluster(of: 3, [.replicas: "1", .operationTimeout: "2000", .replicaTimeout: "500"])
        let client = cluster.client(0)
        client.makeTable("t")
        cluster.stop(1)
        cluster.stop(2)
        cluster.awaitDeath(of: 1, by: 0)
        cluster.awaitDeath(of: 2, by: 0)
        for target in ["/api/v1/tables/t/items", "/api/v1/tables/t/count"] {
            let refused = try #require(client.get(target))
            let error = refused.json["error"] as? String ?? ""
            #expect(refused.status == 503, "\(target)")
            let expected = #/partition \d+ has no replica that answers \(node-2: dead, .*; node-3: dead, .*\)/#
            #expect(error.wholeMatch(of: expected) != nil, "\(target): \(error)")
        }
    }
}
