import Testing

@Suite(.sharedNode) struct RouteTests {
    private static let ready = #"""
        {"status":"ready","checks":{"storage":{"ok":true},"disk":{"ok":true},"cluster":{"ok":true},\#
        "clock":{"ok":true},"recovery":{"ok":true},"shutdown":{"ok":true}}}
        """#

    @Test("A table and its items from creation to deletion")
    func life() throws {
        let node = try TestNode()
        node.follow(
            #"""
            GET /
            200
            {"name":"HedgehogDB","version":"0.1.0","node_id":"node-1","api":"/api/v1/tables","health":"/readyz",\#
            "metrics":"/metrics","cluster":"/api/v1/cluster/status","docs":"README.md and docs/ in the source"}
            GET /api/v1/health
            200
            {"status":"ok"}
            GET /livez
            200
            {"status":"alive"}
            GET /readyz
            200
            \#(Self.ready)
            GET /api/v1/tables
            200
            {"tables":[]}
            GET /api/v1/cluster/table-counts
            200
            {}
            POST /api/v1/tables {"name":"users"}
            201
            {"name":"users","message":"table created"}
            PUT /api/v1/tables/users/items/alice {"age":7}
            200 [ETag]
            {"key":"alice","message":"item saved"}
            GET /api/v1/tables/users/items/alice
            200 [ETag]
            {"key":"alice","item":{"age":7}}
            GET /api/v1/tables
            200
            {"tables":[{"name":"users","created_at":"TIME","item_count":1}]}
            GET /api/v1/tables/users
            200
            {"name":"users","created_at":"TIME","item_count":1,"bytes":14,"tombstones":0,"partitions":256}
            GET /api/v1/tables/users/count
            200
            {"count":1,"exact":true}
            DELETE /api/v1/tables/users/items/alice
            200 [ETag]
            {"key":"alice","message":"item deleted"}
            GET /api/v1/tables/users
            200
            {"name":"users","created_at":"TIME","item_count":0,"bytes":5,"tombstones":1,"partitions":256}
            DELETE /api/v1/tables/users
            200
            {"name":"users","message":"table deleted"}
            """#)
    }

    @Test("An item is visible through every route")
    func views() throws {
        let node = try TestNode()
        node.client().makeTable("users")
        node.follow(
            #"""
            PUT /api/v1/tables/users/items/alice {"age":7}
            200 [ETag]
            {"key":"alice","message":"item saved"}
            GET /api/v1/tables/users/items
            200
            {"items":[{"key":"alice","item":{"age":7}}],"count":1}
            GET /api/v1/cluster/tables/users/items
            200
            {"items":[{"key":"alice","item":{"age":7}}],"count":1}
            GET /api/v1/cluster/table-counts
            200
            {"users":{"node-1":1}}
            GET /api/v1/cluster/status
            200
            {"node_id":"node-1","bind_addr":"ADDRESS","formed":true,"cluster_id":"HEX","replication_n":1,\#
            "read_quorum":1,"write_quorum":1,"expected_nodes":1,"total_nodes":1,"ring_size":256,\#
            "recovery":null,"purge_blocked":{"count":0},\#
            "nodes":[{"id":"node-1","addr":"ADDRESS","status":0,"state":"alive","last_seen":"TIME",\#
            "clock_offset_ms":0}]}
            GET /api/v1/cluster/nodes
            200
            {"nodes":[{"id":"node-1","addr":"ADDRESS","status":0,"state":"alive","last_seen":"TIME",\#
            "clock_offset_ms":0}]}
            GET /api/v1/debug/replica-nodes?table=users&key=alice
            200
            {"primary":"node-1","replicas":["node-1"],"versions":{"node-1":"HEX"}}
            GET /api/v1/debug/replica-nodes?table=users&key=bob
            200
            {"primary":"node-1","replicas":["node-1"],"versions":{"node-1":null}}
            GET /api/v1/debug/replication-backlog
            200
            {"pending_per_node":{},"accounts":{},"hints":{}}
            GET /sd/prometheus
            200
            [{"targets":["ADDRESS"],"labels":{"node_id":"node-1"}}]
            """#)
    }

    @Test("Missing tables, items and parameters are reported")
    func missing() throws {
        let node = try TestNode()
        node.client().makeTable("users")
        node.follow(
            #"""
            GET /api/v1/tables/users/items/alice
            404
            {"error":"item not found: the table exists, the key does not"}
            DELETE /api/v1/tables/users/items/alice
            404
            {"error":"item not found: the table exists, the key does not"}
            HEAD /api/v1/tables/users/items/alice
            404
            GET /api/v1/tables/orders/items/alice
            404
            {"error":"table \"orders\" not found; create it with POST /api/v1/tables"}
            PUT /api/v1/tables/orders/items/alice {}
            404
            {"error":"table \"orders\" not found; create it with POST /api/v1/tables"}
            DELETE /api/v1/tables/orders/items/alice
            404
            {"error":"table \"orders\" not found; create it with POST /api/v1/tables"}
            GET /api/v1/tables/orders
            404
            {"error":"table \"orders\" not found; create it with POST /api/v1/tables"}
            GET /api/v1/tables/orders/count
            404
            {"error":"table \"orders\" not found; create it with POST /api/v1/tables"}
            GET /api/v1/tables/orders/items
            404
            {"error":"table \"orders\" not found; create it with POST /api/v1/tables"}
            HEAD /api/v1/tables/orders/items
            404
            GET /api/v1/cluster/tables/orders/items
            404
            {"error":"table \"orders\" not found; create it with POST /api/v1/tables"}
            DELETE /api/v1/tables/orders
            404
            {"error":"table \"orders\" not found; create it with POST /api/v1/tables"}
            GET /api/v1/debug/replica-nodes?table=orders&key=alice
            404
            {"error":"table \"orders\" not found; create it with POST /api/v1/tables"}
            GET /api/v1/debug/replica-nodes?table=users
            400
            {"error":"table and key are required: ?table=users&key=alice"}
            GET /api/v1/debug/replication-backlog?limit=0
            400
            {"error":"limit: \"0\" was given; a whole number from 1 to 1000 is allowed"}
            GET /api/v1/debug/replication-backlog?limit=1001
            400
            {"error":"limit: \"1001\" was given; a whole number from 1 to 1000 is allowed"}
            GET /api/v1/debug/replication-backlog?node=node-2
            400
            {"error":"\"node\" is not a parameter of this path; allowed: limit"}
            POST /api/v1/debug/replay-hints/node-1
            404
            {"error":"node-1 is this node, which holds no hints for itself; ask another node"}
            POST /api/v1/debug/replay-hints/node-9
            404
            {"error":"no member has the id \"node-9\"; the other members: none"}
            POST /api/v1/debug/replay-hints/%zz
            400
            {"error":"the node id has a % that is not followed by two hexadecimal digits; write %25 for a percent sign"}
            GET /api/v1/debug/replica-nodes?table=users&key=a&key=b
            400
            {"error":"key: more than one was given; one value is allowed"}
            """#)
    }

    @Test("HEAD answers like GET, without the body")
    func head() throws {
        let client = try TestNode().client()
        client.makeTable("t")
        _ = client.put("/api/v1/tables/t/items/k")
        let paths = [
            "/", "/api/v1/health", "/livez", "/readyz", "/metrics", "/api/v1/metrics", "/sd/prometheus",
            "/api/v1/tables", "/api/v1/tables/t", "/api/v1/tables/t/count", "/api/v1/tables/t/items",
            "/api/v1/tables/t/items/k", "/api/v1/tables/t/items/none", "/api/v1/cluster/status",
            "/api/v1/cluster/nodes", "/api/v1/cluster/table-counts", "/api/v1/cluster/tables/t/items", "/nowhere",
            "/api/v1/debug/replica-nodes?table=t&key=k", "/api/v1/debug/replication-backlog",
        ]
        let ids = ["X-Request-ID: r", "X-Trace-ID: 0af7651916cd43dd8448eb211c80319c"]
        for path in paths {
            let get = try #require(client.ask("GET", path, ids))
            let head = try #require(client.ask("HEAD", path, ids))
            #expect(head.status == get.status, "\(path)")
            let isChanging = path.hasSuffix("/metrics")
            for (name, value) in get.fields where name != "Date" && !(name == "Content-Length" && isChanging) {
                #expect(head[name] == value, "\(path)")
            }
            #expect(head.fields.count == get.fields.count, "\(path)")
        }
    }

    @Test("A known path with another method is answered with 405 and the allowed methods", arguments: [
        ("/", "GET, HEAD, OPTIONS"),
        ("/api/v1/health", "GET, HEAD, OPTIONS"),
        ("/livez", "GET, HEAD, OPTIONS"),
        ("/readyz", "GET, HEAD, OPTIONS"),
        ("/metrics", "GET, HEAD, OPTIONS"),
        ("/sd/prometheus", "GET, HEAD, OPTIONS"),
        ("/api/v1/tables", "GET, HEAD, POST, OPTIONS"),
        ("/api/v1/tables/t", "GET, HEAD, DELETE, OPTIONS"),
        ("/api/v1/tables/t/count", "GET, HEAD, OPTIONS"),
        ("/api/v1/tables/t/items", "GET, HEAD, OPTIONS"),
        ("/api/v1/tables/t/items/k", "GET, HEAD, PUT, DELETE, OPTIONS"),
        ("/api/v1/cluster/status", "GET, HEAD, OPTIONS"),
        ("/api/v1/cluster/nodes", "GET, HEAD, OPTIONS"),
        ("/api/v1/cluster/table-counts", "GET, HEAD, OPTIONS"),
        ("/api/v1/cluster/tables/t/items", "GET, HEAD, OPTIONS"),
        ("/api/v1/debug/replica-nodes", "GET, HEAD, OPTIONS"),
        ("/api/v1/debug/replication-backlog", "GET, HEAD, OPTIONS"),
        ("/api/v1/debug/replay-hints/node-2", "POST, OPTIONS"),
    ])
    func otherMethod(path: String, allowed: String) throws {
        let client = TestNode.shared.client()
        for method in ["PATCH", "TRACE", "BREW", "get", "PUT", "POST", "DELETE"] where !allowed.contains(method) {
            if path == "/api/v1/cluster/nodes", method == "POST" || method == "DELETE" { continue }
            let answer = try #require(client.ask(method, path))
            #expect(answer.status == 405, "\(method)")
            #expect(answer["Allow"] == allowed, "\(method)")
            let error = "method not allowed on this path; allowed: \(allowed)"
            #expect(answer.json["error"] as? String == error, "\(method)")
        }
    }

    @Test("Membership changes are answered as not supported")
    func membership() throws {
        TestNode.shared.follow(
            #"""
            POST /api/v1/cluster/nodes {}
            501
            {"error":"members cannot join or leave a running cluster in this version"}
            DELETE /api/v1/cluster/nodes
            501
            {"error":"members cannot join or leave a running cluster in this version"}
            DELETE /api/v1/cluster/nodes/node-2
            501
            {"error":"members cannot join or leave a running cluster in this version"}
            """#)
    }

    @Test("Any other path is answered with 404 for every method", arguments: [
        "/nowhere", "/api", "/api/v1", "/api/v1/", "/api/v2/tables", "/API/v1/tables", "/api/v1/Tables", "//",
        "/api//v1/tables", "/api/v1/tables//items/k", "/api/v1/tables/t/items//", "/api/v1/tables/t/items//k",
        "/api/v1/tables/t/items/a/b", "/api/v1/tables/t/items/a/", "/api/v1/tables/t/things",
        "/api/v1/tables/t/items/a/b/c/d/e/f/g/h", "/livez/x", "/metrics/x", "/sd", "/sd/other", "/api/v1/cluster",
        "/api/v1/cluster/other", "/api/v1/debug", "/api/v1/debug/other", "/api/v1/debug/replay-hints",
        "/api/v1/debug/replay-hints/", "/api/v1/debug/replay-hints/a/b", "/api/v1/debug/replication-backlog/",
        "/api/v1/cluster/tables/t",
        "/api/v1/cluster/tables/t/items/k", "/api/v1/%74ables", "/favicon.ico",
    ])
    func unknown(path: String) throws {
        let client = TestNode.shared.client()
        for method in ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH"] {
            let answer = try #require(client.ask(method, path))
            #expect(answer.status == 404, "\(method)")
            if method == "HEAD" { continue }
            let error = answer.json["error"] as? String
            #expect(error?.hasPrefix("path not found; docs/api.md lists") == true, "\(method)")
        }
    }

    @Test("A trailing slash after a collection is ignored")
    func trailingSlash() throws {
        let client = TestNode.shared.client()
        client.makeTable("slashes")
        for path in [
            "/api/v1/tables", "/api/v1/tables/slashes/items", "/api/v1/cluster/nodes",
            "/api/v1/cluster/tables/slashes/items",
        ] {
            let plain = try #require(client.get(path))
            let slashed = try #require(client.get(path + "/"))
            #expect(plain.status == 200, "\(path)")
            #expect(slashed.status == 200, "\(path)")
            #expect(plain.json.keys.sorted() == slashed.json.keys.sorted(), "\(path)")
        }
    }

    @Test("OPTIONS answers a CORS preflight on every path", arguments: [
        ("/", "GET, HEAD, OPTIONS"),
        ("/api/v1/tables", "GET, HEAD, POST, OPTIONS"),
        ("/api/v1/tables/t", "GET, HEAD, DELETE, OPTIONS"),
        ("/api/v1/tables/t/items", "GET, HEAD, OPTIONS"),
        ("/api/v1/tables/t/items/k", "GET, HEAD, PUT, DELETE, OPTIONS"),
        ("/api/v1/debug/replay-hints/node-2", "POST, OPTIONS"),
        ("/nowhere", "OPTIONS"),
        ("*", "GET, HEAD, PUT, POST, DELETE, OPTIONS"),
    ])
    func preflight(path: String, methods: String) throws {
        let answer = try #require(TestNode.shared.client().ask("OPTIONS", path, ["Origin: http://localhost:3000"]))
        #expect(answer.status == 204)
        #expect(answer["Access-Control-Allow-Origin"] == "*")
        #expect(answer["Allow"] == methods)
        #expect(answer["Access-Control-Allow-Methods"] == methods)
        let allowed = answer["Access-Control-Allow-Headers"]?.split(separator: ", ").map(String.init) ?? []
        #expect(Set(allowed).isSuperset(of: [
            "Content-Type", "If-Match", "If-None-Match", "X-Consistency", "X-Request-ID", "X-Trace-ID", "traceparent",
        ]))
        #expect(answer["Access-Control-Expose-Headers"] == "ETag, X-Request-ID, X-Trace-ID")
        #expect(answer["Access-Control-Max-Age"] != nil)
        #expect(answer["Content-Length"] == nil)
        #expect(answer["Content-Type"] == nil)
    }

    @Test("The idle timeout is a setting, which answers on persistent connections state")
    func idleTimeout() throws {
        let node = try TestNode([.idleTimeout: "1s"])
        let client = node.client()
        for target in ["/livez", "/nowhere"] {
            let answer = try #require(client.get(target))
            #expect(answer["Connection"] == "keep-alive")
            #expect(answer["Keep-Alive"] == "timeout=1")
        }
        #expect(client.isAtEnd)
        let last = try #require(node.client().get("/livez", ["Connection: close"]))
        #expect(last["Connection"] == "close" && last["Keep-Alive"] == nil)
        #expect(try TestNode().client().get("/livez")?["Keep-Alive"] == "timeout=60")
    }

    @Test("The request target may be an absolute URL, as proxies send it")
    func absoluteForm() throws {
        let answer = try #require(TestNode.shared.client().get("http://localhost/api/v1/health"))
        #expect(answer.text == "{\"status\":\"ok\"}\n")
    }
}
