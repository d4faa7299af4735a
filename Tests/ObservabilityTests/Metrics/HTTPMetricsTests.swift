import Observability
import Testing

@Suite struct HTTPMetricsTests {
    private let registry = MetricRegistry()

    @Test("Every operation has its 2xx, 4xx and 5xx series at 0 before the first request", arguments: [
        (#"GET",operation="list_tables"#), (#"POST",operation="create_table"#), (#"DELETE",operation="delete_table"#),
        (#"GET",operation="get_item"#), (#"PUT",operation="put_item"#), (#"DELETE",operation="delete_item"#),
        (#"GET",operation="scan_items"#), (#"GET",operation="table_count"#), (#"GET",operation="health"#),
        (#"GET",operation="metrics"#), (#"GET",operation="cluster"#), (#"GET",operation="debug"#),
        (#"OPTIONS",operation="preflight"#), (#"GET",operation="unknown"#), (#"other",operation="invalid"#),
    ])
    func startsAtZero(labels: String) {
        _ = HTTPMetrics(registry: registry)
        #expect(lines(registry, with: "hedgehog_http_requests_total{", and: labels) == ["2xx", "4xx", "5xx"].map {
            #"hedgehog_http_requests_total{method="\#(labels)",status="\#($0)",table=""} 0"#
        })
    }

    @Test("A new table has its item series at 0")
    func tableStartsAtZero() {
        let http = HTTPMetrics(registry: registry)
        _ = http.table("users")
        #expect(lines(registry, with: "hedgehog_http_requests_total{", and: #"table="users""#).count == 9)
        #expect(lines(registry, with: "hedgehog_item_operations_total{", and: #"table="users""#) == [
            #"hedgehog_item_operations_total{operation="get",result="success",table="users"} 0"#,
            #"hedgehog_item_operations_total{operation="get",result="failure",table="users"} 0"#,
            #"hedgehog_item_operations_total{operation="put",result="success",table="users"} 0"#,
            #"hedgehog_item_operations_total{operation="put",result="failure",table="users"} 0"#,
            #"hedgehog_item_operations_total{operation="delete",result="success",table="users"} 0"#,
            #"hedgehog_item_operations_total{operation="delete",result="failure",table="users"} 0"#,
        ])
    }

    @Test("The status label is a class, and a code out of range is a server error", arguments: [
        (100, "1xx"), (200, "2xx"), (204, "2xx"), (304, "3xx"), (400, "4xx"), (404, "4xx"), (499, "4xx"),
        (500, "5xx"), (501, "501"), (502, "5xx"), (503, "5xx"), (599, "5xx"),
        (0, "5xx"), (99, "5xx"), (600, "5xx"), (-1, "5xx"),
    ])
    func statusClass(code: Int, label: String) {
        let http = HTTPMetrics(registry: registry)
        http.record(request(.health, status: code), table: http.global)
        #expect(lines(registry, with: "hedgehog_http_requests_total{", and: " 1")
            == [#"hedgehog_http_requests_total{method="GET",operation="health",status="\#(label)",table=""} 1"#])
    }

    @Test("Every method has its label", arguments: zip(
        RequestMethod.allCases, ["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "PATCH", "other"]))
    func methods(method: RequestMethod, label: String) {
        let http = HTTPMetrics(registry: registry)
        http.record(request(.unknown, method, status: 405), table: http.global)
        #expect(lines(registry, with: "hedgehog_http_requests_total{", and: " 1")
            == [#"hedgehog_http_requests_total{method="\#(label)",operation="unknown",status="4xx",table=""} 1"#])
    }

    @Test("Item operations succeed below 400; misses have their own counter, only in existing tables", arguments: [
        (.getItem, 200, "users", ["get success"], []),
        (.getItem, 304, "users", ["get success"], []),
        (.getItem, 404, "users", ["get failure"], ["get"]),
        (.deleteItem, 404, "users", ["delete failure"], ["delete"]),
        (.putItem, 404, "users", ["put failure"], []),
        (.putItem, 503, "users", ["put failure"], []),
        (.getItem, 404, nil, ["get failure"], []),
        (.scanItems, 200, "users", [], []),
        (.health, 200, nil, [], []),
    ] as [(RequestOperation, Int, String?, [String], [String])])
    func items(
        operation: RequestOperation, status: Int, table: String?, counted: [String], missed: [String]
    ) {
        let http = HTTPMetrics(registry: registry)
        http.record(request(operation, status: status), table: table.map(http.table) ?? http.global)
        let label = table ?? ""
        let operations = "hedgehog_item_operations_total{"
        #expect(lines(registry, with: operations, and: " 1") == counted.map {
            let words = $0.split(separator: " ")
            return #"\#(operations)operation="\#(words[0])",result="\#(words[1])",table="\#(label)"} 1"#
        })
        #expect(lines(registry, with: "hedgehog_item_not_found_total{", and: " 1") == missed.map {
            #"hedgehog_item_not_found_total{operation="\#($0)",table="\#(label)"} 1"#
        })
    }

    @Test("Bytes and invalid request ids are counted")
    func bytes() {
        let http = HTTPMetrics(registry: registry)
        http.record(request(.getItem, status: 200), table: http.global)
        http.countInvalidRequestID()
        let text = page(registry)
        #expect(text.contains("hedgehog_http_request_bytes_sum 100\n"))
        #expect(text.contains("hedgehog_http_response_bytes_sum 200\n"))
        #expect(text.contains(#"hedgehog_http_response_bytes_bucket{le="256.0"} 1"#))
        #expect(text.contains("hedgehog_http_invalid_request_ids_total 1\n"))
    }
}
