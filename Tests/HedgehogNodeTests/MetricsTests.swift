import Testing

@testable import HedgehogNode

/// One scrape of the metrics page.
private struct Page {
    private(set) var values: [String: Double] = [:]
    private(set) var repeated: [String] = []
    private(set) var malformed: [String] = []

    init(_ client: TestClient) throws {
        let answer = try #require(client.get("/metrics"))
        #expect(answer.status == 200)
        #expect(answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
        for line in answer.text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]) else {
                malformed.append(String(line))
                continue
            }
            let series = String(line[..<space])
            if values.updateValue(value, forKey: series) != nil { repeated.append(series) }
        }
    }

    /// Returns the series of a metric family whose values have changed since an earlier page, and by how much.
    func moved(since before: Page, _ family: String) -> [String: Double] {
        var moved: [String: Double] = [:]
        for (series, value) in values where series.hasPrefix(family + "{") || series == family {
            let change = value - (before.values[series] ?? 0)
            if change != 0 { moved[String(series.dropFirst(family.count))] = change }
        }
        return moved
    }

    static let readingThePage = #"{method="GET",operation="metrics",status="2xx",table=""}"#
}

private struct Counted: CustomTestStringConvertible {
    let request: String
    let labels: String
    var body = ""

    var testDescription: String { request }

    init(
        _ request: String, _ method: String, _ operation: String, _ status: String, _ table: String,
        _ body: String = ""
    ) {
        self.request = request
        self.body = body
        labels = "{method=\"\(method)\",operation=\"\(operation)\",status=\"\(status)\",table=\"\(table)\"}"
    }
}

@Suite struct MetricsTests {
    @Test("Each request increments exactly one series")
    func requests() throws {
        let client = try TestNode().client()
        let cases = [
            Counted("POST /api/v1/tables", "POST", "create_table", "2xx", "", #"{"name":"t"}"#),
            Counted("POST /api/v1/tables", "POST", "create_table", "4xx", "", #"{"name":"t"}"#),
            Counted("GET /api/v1/tables", "GET", "list_tables", "2xx", ""),
            Counted("GET /api/v1/tables/t", "GET", "table_count", "2xx", "t"),
            Counted("PUT /api/v1/tables/t/items/k", "PUT", "put_item", "2xx", "t", "{}"),
            Counted("PUT /api/v1/tables/t/items/k", "PUT", "put_item", "4xx", "t", "["),
            Counted("GET /api/v1/tables/t/items/k", "GET", "get_item", "2xx", "t"),
            Counted("HEAD /api/v1/tables/t/items/k", "HEAD", "get_item", "2xx", "t"),
            Counted("GET /api/v1/tables/t/items/none", "GET", "get_item", "4xx", "t"),
            Counted("GET /api/v1/tables/none/items/k", "GET", "get_item", "4xx", ""),
            Counted("PATCH /api/v1/tables/t/items/k", "PATCH", "get_item", "4xx", ""),
            Counted("GET /api/v1/tables/t/items?limit=1", "GET", "scan_items", "2xx", "t"),
            Counted("GET /api/v1/cluster/tables/t/items", "GET", "scan_items", "2xx", "t"),
            Counted("GET /api/v1/tables/t/count", "GET", "table_count", "2xx", "t"),
            Counted("GET /api/v1/cluster/status", "GET", "cluster", "2xx", ""),
            Counted("GET /api/v1/cluster/nodes", "GET", "cluster", "2xx", ""),
            Counted("GET /api/v1/cluster/table-counts", "GET", "cluster", "2xx", ""),
            Counted("GET /api/v1/debug/replica-nodes?table=t&key=k", "GET", "debug", "2xx", "t"),
            Counted("GET /api/v1/debug/replication-backlog", "GET", "debug", "2xx", ""),
            Counted("POST /api/v1/debug/replay-hints/made-up", "POST", "debug", "4xx", ""),
            Counted("POST /internal/v1/admin/accept-data-loss", "POST", "cluster", "4xx", ""),
            Counted("GET /", "GET", "health", "2xx", ""),
            Counted("GET /api/v1/health", "GET", "health", "2xx", ""),
            Counted("GET /livez", "GET", "health", "2xx", ""),
            Counted("GET /readyz", "GET", "health", "2xx", ""),
            Counted("GET /sd/prometheus", "GET", "metrics", "2xx", ""),
            Counted("OPTIONS /api/v1/tables/t/items/k", "OPTIONS", "preflight", "2xx", ""),
            Counted("GET /nowhere", "GET", "unknown", "4xx", ""),
            Counted("BREW /coffee", "other", "unknown", "4xx", ""),
            Counted("POST /api/v1/cluster/nodes", "POST", "cluster", "501", ""),
            Counted("DELETE /api/v1/tables/t/items/k", "DELETE", "delete_item", "2xx", "t"),
            Counted("DELETE /api/v1/tables/t/items/k", "DELETE", "delete_item", "4xx", "t"),
            Counted("DELETE /api/v1/tables/t?confirm=t", "DELETE", "delete_table", "2xx", "t"),
        ]
        var before = try Page(client)
        for counted in cases {
            let words = counted.request.split(separator: " ").map(String.init)
            _ = client.ask(words[0], words[1], [], Array(counted.body.utf8))
            let after = try Page(client)
            let expected = Dictionary([(counted.labels, 1.0), (Page.readingThePage, 1.0)], uniquingKeysWith: +)
            for family in ["hedgehog_http_requests_total", "hedgehog_http_request_duration_seconds_count"] {
                #expect(after.moved(since: before, family) == expected, "\(counted.request)")
            }
            #expect(after.repeated == [])
            #expect(after.malformed == [])
            before = after
        }
    }

    @Test("Invalid bytes count as invalid, and a refused request with a valid head counts for its route")
    func refusals() throws {
        let node = try TestNode()
        let client = node.client()
        client.makeTable("t")
        let put = "PUT /api/v1/tables/t/items/k HTTP/1.1\r\nHost: a\r\n"
        let cases = [
            ("\u{16}\u{3}\u{1}\r\n", #"{method="other",operation="invalid",status="4xx",table=""}"#),
            (put + "\r\n", #"{method="PUT",operation="put_item",status="4xx",table=""}"#),
            (put + "Content-Length: 9999999\r\n\r\n", #"{method="PUT",operation="put_item",status="4xx",table=""}"#),
        ]
        for (bytes, labels) in cases {
            let before = try Page(client)
            let other = node.client()
            other.send(bytes)
            _ = other.receive()
            let moved = try Page(client).moved(since: before, "hedgehog_http_requests_total")
            #expect(moved == [labels: 1, Page.readingThePage: 1], "\(bytes)")
        }
    }

    @Test("A conditional write that is refused is not counted as a failure of the server")
    func conditionalWrites() throws {
        let node = try TestNode()
        let client = node.client()
        client.makeTable("t")
        let before = try Page(client)
        let refused = client.ask("PUT", "/api/v1/tables/t/items/k", ["If-Match: *"], Array("{}".utf8))
        #expect(refused?.status == 501)
        #expect(client.ask("DELETE", "/api/v1/tables/t/items/k", ["If-None-Match: *"])?.status == 501)
        let after = try Page(client)
        for family in ["hedgehog_http_requests_total", "hedgehog_http_request_duration_seconds_count"] {
            #expect(after.moved(since: before, family) == [
                #"{method="PUT",operation="put_item",status="501",table="t"}"#: 1,
                #"{method="DELETE",operation="delete_item",status="501",table="t"}"#: 1,
                Page.readingThePage: 1,
            ])
        }
    }

    @Test("Item operations, misses, invalid request ids, connections and stored items are counted exactly")
    func others() throws {
        let node = try TestNode()
        let client = node.client()
        client.makeTable("t")
        let before = try Page(client)
        for key in ["a", "b", "c"] { _ = client.put("/api/v1/tables/t/items/\(key)", #"{"n":1}"#) }
        _ = client.get("/api/v1/tables/t/items/a", ["X-Request-ID: not allowed"])
        for key in ["x", "y"] { _ = client.get("/api/v1/tables/t/items/\(key)") }
        for key in ["c", "x"] { _ = client.ask("DELETE", "/api/v1/tables/t/items/\(key)") }
        #expect(node.client().get("/livez")?.status == 200)
        let after = try Page(client)
        let families: [(String, [String: Double])] = [
            ("hedgehog_item_operations_total", [
                #"{operation="put",result="success",table="t"}"#: 3,
                #"{operation="get",result="success",table="t"}"#: 1,
                #"{operation="get",result="failure",table="t"}"#: 2,
                #"{operation="delete",result="success",table="t"}"#: 1,
                #"{operation="delete",result="failure",table="t"}"#: 1,
            ]),
            ("hedgehog_item_not_found_total", [
                #"{operation="get",table="t"}"#: 2, #"{operation="delete",table="t"}"#: 1,
            ]),
            ("hedgehog_http_invalid_request_ids_total", ["": 1]),
            ("hedgehog_http_connections_accepted_total", ["": 1]),
            ("hedgehog_storage_items", [#"{table="t"}"#: 2]),
            ("hedgehog_storage_tombstones", [#"{table="t"}"#: 1]),
            ("hedgehog_storage_bytes", [#"{table="t"}"#: 17]),
        ]
        for (family, expected) in families { #expect(after.moved(since: before, family) == expected, "\(family)") }
        #expect(after.values[#"hedgehog_node_info{node_id="node-1",version="0.1.0"}"#] == 1)
        #expect(after.values["hedgehog_storage_writable"] == 1)
        #expect(after.values["hedgehog_http_requests_in_flight"] == 1)
    }

    @Test("Requests that are refused before they are handled are counted by reason")
    func rejections() throws {
        let node = try TestNode()
        let client = node.client()
        client.makeTable("t")
        let put = "PUT /api/v1/tables/t/items/k HTTP/1.1\r\nHost: a\r\n"
        for (bytes, reason) in [
            ("\u{16}\u{3}\u{1}\r\n", "malformed"), (put + "\r\n", "length_required"),
            (put + "Content-Length: 9999999\r\n\r\n", "too_large"),
            ("GET /\(String(repeating: "x", count: 13_000)) HTTP/1.1\r\n", "too_large"),
            ("GET / HTTP/3.0\r\nHost: a\r\n\r\n", "unsupported"),
        ] {
            let before = try Page(client)
            let other = node.client()
            other.send(bytes)
            _ = other.receive()
            let moved = try Page(client).moved(since: before, "hedgehog_http_rejections_total")
            #expect(moved == ["{reason=\"\(reason)\"}": 1], "\(reason)")
        }
    }

    @Test("A connection beyond the limit counts as rejected and as shed")
    func crowd() throws {
        let node = try TestNode([.maximumConnections: "1"])
        let client = node.client()
        let before = try Page(client)
        #expect(node.client().receive()?.status == 503)
        let after = try Page(client)
        #expect(after.moved(since: before, "hedgehog_http_rejections_total") == [#"{reason="overloaded"}"#: 1])
        #expect(after.moved(since: before, "hedgehog_requests_shed_total") == [#"{reason="crowded"}"#: 1])
    }

    private static let saved = #"{operation="put_item",code="200"}"#

    @Test("A request slower than --slow-ms is counted by operation and by exact status code")
    func slow() throws {
        let client = try TestNode([.slow: "1", .maximumItemBytes: "32MiB"]).client()
        client.makeTable("t")
        let before = try Page(client)
        let item = #"{"a":""# + String(repeating: "x", count: 8 << 20) + #""}"#
        #expect(client.put("/api/v1/tables/t/items/k", item)?.status == 200)
        let after = try Page(client)
        #expect(after.moved(since: before, "hedgehog_slow_requests_total")[#"{operation="put_item"}"#] == 1)
        #expect(after.moved(since: before, "hedgehog_http_responses_total")[Self.saved] == 1)
    }

    @Test("No text from a client creates a series")
    func hostile() throws {
        let node = try TestNode()
        let client = node.client()
        client.makeTable("t")
        func attack(_ number: Int) {
            let made = "made-up-\(number)"
            for method in ["GET", "PATCH", "M\(number)"] {
                _ = client.ask(method, "/\(made)")
                _ = client.ask(method, "/api/v1/tables/\(made)/items/k")
                _ = client.ask(method, "/api/v1/tables/t/items/\(made)?\(made)=\(made)")
            }
            _ = client.ask("PUT", "/api/v1/tables/\(made)/items/k", ["X-Request-ID: \(made)"], Array("{}".utf8))
            _ = client.ask("DELETE", "/api/v1/tables/\(made)")
            let other = node.client()
            other.send("\(made)\r\n\r\n")
            _ = other.receive()
        }
        attack(0)
        let before = try Page(client)
        for number in 1...100 { attack(number) }
        let after = try Page(client)
        #expect(Set(after.values.keys).symmetricDifference(before.values.keys) == [])
        #expect(!after.values.keys.contains { $0.contains("made") })
    }

    @Test("Tables beyond the limit share one label, and no series occurs twice")
    func manyTables() throws {
        let client = try TestNode().client()
        for number in 0..<105 {
            client.makeTable("t\(number)")
            _ = client.put("/api/v1/tables/t\(number)/items/k")
        }
        let page = try Page(client)
        #expect(page.repeated == [])
        let items = page.values.filter { $0.key.hasPrefix("hedgehog_storage_items{") }
        #expect(items.values.reduce(0, +) == 105)
        #expect(items[#"hedgehog_storage_items{table="__other__"}"#] == 5)
        #expect(items.count == 101)
    }
}
