import Testing

@Suite(.sharedNode) struct TableTests {
    private let letters =
        "the table name has a character that is not allowed; use letters, digits, underscores, dots and dashes"

    @Test("A table is created once, by a body with its name")
    func creation() throws {
        let node = try TestNode()
        let nameless = #"the body has no \"name\" that is a string; an example is {\"name\":\"users\"}"#
        node.follow(
            #"""
            POST /api/v1/tables {"name":"users"}
            201
            {"name":"users","message":"table created"}
            POST /api/v1/tables {"name":"users"}
            409
            {"error":"table \"users\" already exists"}
            POST /api/v1/tables/ {"other":[1e308,{}],"name":"A-z_0.9"}
            201
            {"name":"A-z_0.9","message":"table created"}
            POST /api/v1/tables {"name":"\u0041-z_0.9"}
            409
            {"error":"table \"A-z_0.9\" already exists"}
            POST /api/v1/tables {"name":"Users"}
            201
            {"name":"Users","message":"table created"}
            POST /api/v1/tables {"name":"..."}
            201
            {"name":"...","message":"table created"}
            POST /api/v1/tables
            400
            {"error":"the body is empty; a JSON object is required"}
            POST /api/v1/tables users=1
            400
            {"error":"the body is not valid JSON at byte 0; one JSON object is required"}
            POST /api/v1/tables "users"
            400
            {"error":"the body is JSON but not an object; {...} is required"}
            POST /api/v1/tables {}
            400
            {"error":"\#(nameless)"}
            POST /api/v1/tables {"name":null}
            400
            {"error":"\#(nameless)"}
            POST /api/v1/tables {"name":7}
            400
            {"error":"\#(nameless)"}
            POST /api/v1/tables {"name":""}
            400
            {"error":"the table name is empty; 1 to 128 bytes are allowed"}
            POST /api/v1/tables {"name":"a b"}
            400
            {"error":"\#(letters)"}
            POST /api/v1/tables {"name":"a/b"}
            400
            {"error":"\#(letters)"}
            POST /api/v1/tables {"name":"\u00e4"}
            400
            {"error":"\#(letters)"}
            POST /api/v1/tables {"name":"a\u0000"}
            400
            {"error":"\#(letters)"}
            PUT /api/v1/tables/.../items/... {}
            200 [ETag]
            {"key":"...","message":"item saved"}
            GET /api/v1/tables
            200
            {"tables":[{"name":"...","created_at":"TIME","item_count":1},\#
            {"name":"A-z_0.9","created_at":"TIME","item_count":0},\#
            {"name":"Users","created_at":"TIME","item_count":0},\#
            {"name":"users","created_at":"TIME","item_count":0}]}
            """#)
    }

    @Test("A table name in a path is decoded like a key and checked like any table name")
    func paths() {
        TestNode.shared.client().makeTable("decoded")
        TestNode.shared.follow(
            #"""
            GET /api/v1/tables/a%20b
            400
            {"error":"\#(letters)"}
            GET /api/v1/tables/%FF/items
            400
            {"error":"\#(letters)"}
            GET /api/v1/tables/%4/count
            400
            {"error":"the table name has a % that is not followed by two hexadecimal digits; write %25 for a \#
            percent sign"}
            GET /api/v1/tables/%64ecoded/count
            200
            {"count":0,"exact":true}
            """#)
    }

    @Test("A table name may have 128 bytes and not 129")
    func nameLength() throws {
        let client = TestNode.shared.client()
        let name = String(repeating: "n", count: 128)
        let made = client.ask("POST", "/api/v1/tables", [], Array(#"{"name":"\#(name)"}"#.utf8))
        #expect(made?.status == 201)
        let refused = try #require(client.ask("POST", "/api/v1/tables", [], Array(#"{"name":"\#(name)n"}"#.utf8)))
        #expect(refused.status == 400)
        #expect(refused.json["error"] as? String == "the table name is 129 bytes long; at most 128 are allowed")
        #expect(client.get("/api/v1/tables/\(name)n")?.status == 400)
        #expect(client.get("/api/v1/tables/\(name)")?.status == 200)
    }

    @Test("Concurrent creations or deletions of one table: at least one succeeds, and there is one table")
    func concurrent() {
        let node = TestNode.shared
        let clients = (1...20).map { _ in node.client() }
        func statuses(_ request: [UInt8]) -> [Int] {
            for client in clients { client.send(request) }
            return clients.compactMap { $0.receive()?.status }
        }
        for _ in 1...3 {
            let created = statuses(TestClient.request("POST", "/api/v1/tables", [], Array(#"{"name":"race"}"#.utf8)))
            #expect(created.contains(201) && created.count { $0 == 201 || $0 == 409 } == 20, "\(created)")
            let tables = node.client().get("/api/v1/tables")?.json["tables"] as? [[String: Any]] ?? []
            #expect(tables.count { $0["name"] as? String == "race" } == 1)
            let dropped = statuses(TestClient.request("DELETE", "/api/v1/tables/race"))
            #expect(dropped.contains(200) && dropped.count { $0 == 200 || $0 == 404 } == 20, "\(dropped)")
        }
    }

    @Test("A table created again has none of its old items")
    func madeAgain() {
        let node = TestNode.shared
        node.follow(
            #"""
            POST /api/v1/tables {"name":"phoenix"}
            201
            {"name":"phoenix","message":"table created"}
            PUT /api/v1/tables/phoenix/items/a {"old":true}
            200 [ETag]
            {"key":"a","message":"item saved"}
            PUT /api/v1/tables/phoenix/items/b {"old":true}
            200 [ETag]
            {"key":"b","message":"item saved"}
            DELETE /api/v1/tables/phoenix/items/b
            200 [ETag]
            {"key":"b","message":"item deleted"}
            DELETE /api/v1/tables/phoenix?confirm=phoenix
            200
            {"name":"phoenix","message":"table deleted"}
            GET /api/v1/tables/phoenix/items/a
            404
            {"error":"table \"phoenix\" not found; create it with POST /api/v1/tables"}
            POST /api/v1/tables {"name":"phoenix"}
            201
            {"name":"phoenix","message":"table created"}
            GET /api/v1/tables/phoenix
            200
            {"name":"phoenix","created_at":"TIME","item_count":0,"bytes":0,"tombstones":0,"partitions":256}
            GET /api/v1/tables/phoenix/items/a
            404
            {"error":"item not found: the table exists, the key does not"}
            DELETE /api/v1/tables/phoenix/items/a
            404
            {"error":"item not found: the table exists, the key does not"}
            GET /api/v1/tables/phoenix/items
            200
            {"items":[],"count":0}
            GET /api/v1/debug/replica-nodes?table=phoenix&key=a
            200
            {"primary":"node-1","replicas":["node-1"],"versions":{"node-1":null}}
            PUT /api/v1/tables/phoenix/items/a {"new":true}
            200 [ETag]
            {"key":"a","message":"item saved"}
            GET /api/v1/tables/phoenix/items
            200
            {"items":[{"key":"a","item":{"new":true}}],"count":1}
            """#)
    }

    @Test("Counts are exact after any mix of writes, overwrites and deletes")
    func counts() {
        let client = TestNode.shared.client()
        client.makeTable("counted")
        var random = SplitMix(state: 7)
        var live: Set<Int> = []
        for _ in 1...10 {
            var requests: [TestClient.Request] = []
            var expected: [Int] = []
            for _ in 1...60 {
                let key = Int.random(in: 0..<40, using: &random)
                let target = "/api/v1/tables/counted/items/k\(key)"
                if Bool.random(using: &random) {
                    requests.append(.init(method: "PUT", target: target, body: Array("{}".utf8)))
                    live.insert(key)
                    expected.append(200)
                } else {
                    requests.append(.init(method: "DELETE", target: target))
                    expected.append(live.remove(key) == nil ? 404 : 200)
                }
            }
            #expect(client.askAll(requests).map(\.status) == expected)
            #expect(client.get("/api/v1/tables/counted/count")?.json["count"] as? Int == live.count)
            #expect(client.get("/api/v1/tables/counted")?.json["item_count"] as? Int == live.count)
            #expect(client.get("/api/v1/tables/counted/items")?.json["count"] as? Int == live.count)
        }
    }
}
