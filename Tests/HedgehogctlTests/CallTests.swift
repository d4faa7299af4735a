import ArgumentParser
import HTTPClient
@testable import hedgehogctl
import Testing

@Suite struct CallTests {
    private static let hostileKeys: [(String, String)] = [
        ("alice", "alice"), ("a b", "a%20b"), ("a+b", "a%2Bb"), ("100%", "100%25"), ("%2F", "%252F"), ("a/b", "a%2Fb"),
        ("/", "%2F"), ("#", "%23"), ("?", "%3F"), ("a&b=c", "a%26b%3Dc"), ("é", "%C3%A9"), ("e\u{301}", "e%CC%81"),
        ("\u{1F994}", "%F0%9F%A6%94"), ("\u{0}\n\r\t\u{7F}", "%00%0A%0D%09%7F"), ("..", ".."), (".", "."),
        ("\\\"'<>", "%5C%22%27%3C%3E"), ("a:b@c;d,e!f*g(h)[i]", "a%3Ab%40c%3Bd%2Ce%21f%2Ag%28h%29%5Bi%5D"),
        ("-._~", "-._~"),
    ]

    @Test("A key is one segment of the path, whatever text it is", arguments: hostileKeys)
    func keys(key: String, encoded: String) {
        #expect(Call.get("t", key, nil).target == "/api/v1/tables/t/items/" + encoded)
        #expect(Call.replicaNodes("t", key).target == "/api/v1/debug/replica-nodes?table=t&key=" + encoded)
        #expect(Call.get(key, "k", .strong).target == "/api/v1/tables/\(encoded)/items/k?consistency=strong")
        #expect(Call.scan("t", ScanRange(prefix: key)).target == "/api/v1/tables/t/items?prefix=" + encoded)
    }

    @Test("Every command sends the expected request", arguments: [
        (["create-table", "t"], "POST /api/v1/tables {\"name\":\"t\"}"),
        (["create-table", "a\"b"], "POST /api/v1/tables {\"name\":\"a\\\"b\"}"),
        (["list-tables"], "GET /api/v1/tables "), (["delete-table", "t"], "DELETE /api/v1/tables/t?confirm=t "),
        (["count", "t"], "GET /api/v1/tables/t/count "),
        (["get", "t", "k"], "GET /api/v1/tables/t/items/k "),
        (["get", "t", "k", "--consistency", "eventual"], "GET /api/v1/tables/t/items/k?consistency=eventual "),
        (["put", "t", "k", "{\"a\": 1}"], "PUT /api/v1/tables/t/items/k {\"a\": 1}"),
        (["put", "t", "k", "{}", "--consistency", "strong"], "PUT /api/v1/tables/t/items/k?consistency=strong {}"),
        (["delete", "t", "k", "--consistency", "strong"], "DELETE /api/v1/tables/t/items/k?consistency=strong "),
        (["delete", "--", "t", "-k"], "DELETE /api/v1/tables/t/items/-k "),
        (["scan", "t"], "GET /api/v1/tables/t/items "),
        (
            ["scan", "t", "--prefix", "p", "--start", "s", "--end", "e", "--limit", "7", "--after", "1a", "--reverse"],
            "GET /api/v1/tables/t/items?prefix=p&start=s&end=e&limit=7&after=1a&reverse=true "
        ),
        (["scan", "t", "--keys-only", "--all"], "GET /api/v1/tables/t/items?keys_only=true "),
        (["status"], "GET /api/v1/health "), (["ready"], "GET /readyz "),
        (["cluster-status"], "GET /api/v1/cluster/status "), (["cluster-nodes"], "GET /api/v1/cluster/nodes "),
        (["replica-nodes", "t", "k"], "GET /api/v1/debug/replica-nodes?table=t&key=k "),
        (["hints"], "GET /api/v1/debug/replication-backlog "),
        (["hints", "--limit", "5"], "GET /api/v1/debug/replication-backlog?limit=5 "),
        (
            ["accept-data-loss", "node-2", "--yes"],
            "POST /internal/v1/admin/accept-data-loss {\"node\":\"node-2\"}"
        ),
        (["abort-bootstrap"], "POST /internal/v1/admin/abandon-formation {}"),
        (["abandon-formation"], "POST /internal/v1/admin/abandon-formation {}"),
    ])
    func commands(arguments: [String], expected: String) throws {
        let call = try #require(try ControlCommand.parseAsRoot(arguments) as? any CallingCommand).call()
        let body = String(decoding: call.body, as: UTF8.self)
        #expect("\(call.method.rawValue) \(call.target) \(body)" == expected)
    }

    @Test("Invalid and ambiguous command lines are refused", arguments: [
        ["get", "t", ""], ["get", "", "k"], ["get", "t"], ["delete", "t", ""], ["delete-table", ""], ["count", ""],
        ["scan", ""], ["put", "t", "k"], ["put", "t", "k", "{}", "--file", "f"], ["put", "t", "", "{}"],
        ["get", "t", "k", "--consistency", "maybe"], ["scan", "t", "--limit", "many"],
        ["replica-nodes", "t", ""], ["nonsense"],
        ["hints", "--limit", "many"], ["accept-data-loss"], ["accept-data-loss", "", "--yes"],
    ])
    func refused(arguments: [String]) {
        #expect(throws: (any Error).self) { try ControlCommand.parseAsRoot(arguments) }
    }

    @Test("accept-data-loss changes nothing without --yes")
    func loss() throws {
        let command = try ControlCommand.parseAsRoot(["accept-data-loss", "node-2", "--url", "http://127.0.0.1:9"])
        #expect((command as? AcceptDataLossCommand)?.yes == false)
    }

    @Test("A dash means standard input, as an argument and as a file")
    func sources() {
        #expect(ItemSource(argument: "{}", file: nil) == .text("{}"))
        #expect(ItemSource(argument: "-", file: nil) == .standardInput)
        #expect(ItemSource(argument: nil, file: "-") == .standardInput)
        #expect(ItemSource(argument: nil, file: "f") == .file("f"))
        #expect(ItemSource(argument: "-", file: "f") == nil)
        #expect(ItemSource(argument: nil, file: nil) == nil)
    }

    @Test("A missing file is reported with its path")
    func missingFile() {
        let failure = ControlFailure.unreadableInput("/no/such/file", reason: "No such file or directory")
        #expect(throws: failure) { try ItemSource.file("/no/such/file").read() }
    }

    @Test("A request goes to the address, with a JSON content type if it has a body")
    func request() throws {
        let address = try ServerAddress(parsing: "http://h:1/base/")
        let put = Call.put("t", "k", [1, 2], nil).request(to: address)
        #expect(put.url == "http://h:1/base/api/v1/tables/t/items/k")
        #expect(put.headerLines == ["Content-Type: application/json"])
        #expect(put.body == [1, 2])
        #expect(Call.listTables.request(to: address).headerLines == [])
    }
}

@Suite struct ServerAddressTests {
    @Test("An address is http or https with a host, an optional port and an optional path", arguments: [
        ("http://127.0.0.1:8081", "http://127.0.0.1:8081"), ("http://h/", "http://h"), ("https://h//", "https://h"),
        ("HTTP://h:1/a/", "HTTP://h:1/a"), ("http://[::1]:8081", "http://[::1]:8081"),
        ("127.0.0.1:8081", nil), ("", nil), ("http://", nil), ("http:///", nil), ("http:/h", nil), ("ftp://h", nil),
        ("http://h?a", nil), ("http://h#a", nil), ("http://h h", nil), ("http://é", nil), ("h", nil),
    ] as [(String, String?)])
    func parsing(text: String, expected: String?) {
        #expect((try? ServerAddress(parsing: text))?.description == expected)
    }

    @Test("The option takes precedence over the environment, and the environment over the default", arguments: [
        ("http://a", "http://b", "http://a"), (nil, "http://b", "http://b"), (nil, "", ServerAddress.standard),
        (nil, nil, ServerAddress.standard),
    ] as [(String?, String?, String)])
    func precedence(option: String?, environment: String?, expected: String) throws {
        #expect(try ServerAddress(option: option, environment: environment).description == expected)
    }
}
