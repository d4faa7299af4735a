import Base
import Cluster
import Testing

@testable import HedgehogNode

/// A path of an item that a client or proxy has normalised may be the path of a table.
@Suite(.sharedNode) struct CollapsedPathTests {
    /// Item keys with dots and slashes, which a proxy that normalises paths can resolve to the path of something else,
    /// such as a table.
    private static let keys = [
        "", ".", "..", "...", "/", "//", "../", "./", "..//", "../..", "../../", "../../t", "../../u", "../../u/",
        "../../items", "/..", "//..", "/../", "./..", "../.", "a/..", "a/../..", "a/../../", "a/../../..",
        "a/../../../u", "../../../tables/u", "../../../../v1/tables/t/", "../items", "../items/..", "../count",
        "../count/..", "..;x", "..;/", ";/..", "..\\", "\\..", "..\\..\\u", "..\\..\\..\\tables\\u", "%2e%2e",
        "%2e%2e%2f", ".%2e", "%2E.", "..%2F", "..%2f..%2fu", "..?confirm=t", "..#t", "..\u{0}", ".. ", "../../../..",
    ]
    private static let tables = ["t", ".", "..", "", "t/.", "./t", "t/..", "../tables/t"]
    private static let guarded = ["t", "u", "items", "count"]

    /// The ways in which clients write a key: dots and slashes as they are, slashes encoded, and all encoded, once and
    /// twice. Every client encodes question marks and number signs, or they end the path.
    private static func spellings(_ text: String) -> [String] {
        let slashed = PathNormaliser.encode(text)
        let once = slashed.replacing("/", with: "%2F")
        let whole = text.utf8.map(PathNormaliser.hex).joined()
        return [slashed, once, once.replacing(".", with: "%2e"), whole, whole.replacing("%", with: "%25")]
    }

    /// Returns the set of all paths that normalising clients and proxies make of the paths of items in a table.
    private static func paths(ofTable table: String) -> Set<String> {
        var paths: Set<String> = []
        for key in keys.flatMap(spellings) {
            for name in [table, table.replacing(".", with: "%2E")] {
                let path = "/api/v1/tables/\(name)/items/\(key)"
                for normaliser in PathNormaliser.all {
                    paths.insert(normaliser.normalise(path).replacing("\\", with: "%5C"))
                }
            }
        }
        return paths
    }

    private func isTable(_ path: String) -> Bool { path.wholeMatch(of: /\/api\/v1\/tables\/[^\/]+/) != nil }

    @Test("No normalised path of an item deletes a table that has items", arguments: tables)
    func deletes(table: String) throws {
        let node = try TestNode()
        let client = node.client()
        for name in Self.guarded {
            client.makeTable(name)
            #expect(client.put("/api/v1/tables/\(name)/items/guard")?.status == 200)
        }
        let targets = Self.paths(ofTable: table).sorted().flatMap { [$0, $0 + "?consistency=strong"] }
        var tableRoutes = 0
        let answers = client.askAll(targets.map { .init(method: "DELETE", target: $0) })
        #expect(answers.count == targets.count)
        for (target, answer) in zip(targets, answers) {
            #expect(answer.status != 200, "DELETE \(target)")
            guard isTable(target.split(separator: "?").first.map(String.init) ?? "") else { continue }
            tableRoutes += 1
            let expected = target.contains("?") ? [400, 404] : [400, 404, 409]
            #expect(expected.contains(answer.status), "DELETE \(target): \(answer.text)")
        }
        #expect(table != "t" || tableRoutes >= 4, "the normalisers collapse no path")
        for name in Self.guarded {
            #expect(client.get("/api/v1/tables/\(name)/items/guard")?.status == 200, "\(name)")
        }
    }

    @Test("Other methods on normalised paths of items change no table", arguments: ["PUT", "POST", "PATCH", "HEAD"])
    func otherMethods(method: String) throws {
        let node = try TestNode()
        let client = node.client()
        for name in Self.guarded {
            client.makeTable(name)
            #expect(client.put("/api/v1/tables/\(name)/items/guard")?.status == 200)
        }
        let body = Array(#"{"confirm":"t"}"#.utf8)
        let targets = Set(["t", ".", ""].flatMap(Self.paths))
        for target in targets.sorted() {
            let answer = client.ask(method, target, [], method == "HEAD" ? [] : body)
            guard method != "HEAD", isTable(target) else { continue }
            #expect(answer?.status == 405, "\(method) \(target)")
        }
        let listed = client.get("/api/v1/tables")?.json["tables"] as? [[String: Any]] ?? []
        #expect(listed.compactMap { $0["name"] as? String } == Self.guarded.sorted())
        for name in Self.guarded {
            #expect(client.get("/api/v1/tables/\(name)/items/guard")?.status == 200, "\(name)")
        }
    }

    @Test("A key or a table named like a dot segment is not written, however it is encoded", arguments: [
        (".", "."), ("..", ".."), ("%2e", "."), ("%2E%2e", ".."), (".%2E", ".."), ("%2e.", ".."),
    ])
    func refused(segment: String, name: String) throws {
        let node = TestNode.shared
        node.client().makeTable("dots")
        node.follow(
            #"""
            PUT /api/v1/tables/dots/items/\#(segment) {}
            400
            {"error":"the key is \"\#(name)\", which URL libraries remove from paths; use any key but \".\" and \"..\""}
            GET /api/v1/tables/dots/items/\#(segment)
            404
            {"error":"item not found: the table exists, the key does not"}
            DELETE /api/v1/tables/dots/items/\#(segment)
            404
            {"error":"item not found: the table exists, the key does not"}
            POST /api/v1/tables {"name":"\#(name)"}
            400
            {"error":"the table name is \"\#(name)\", which URL libraries remove from paths; \#
            use any table name but \".\" and \"..\""}
            PUT /api/v1/tables/\#(segment)/items/k {}
            400
            {"error":"the table name is \"\#(name)\", which URL libraries remove from paths; \#
            use any table name but \".\" and \"..\""}
            """#)
    }

    @Test("Items and tables named like dot segments that an older version wrote are read and deleted")
    func olderVersion() throws {
        let directory = TestDirectory()
        try writeDotNames(in: directory)
        let node = try TestNode(in: directory)
        node.follow(
            #"""
            GET /api/v1/tables/old/items/..
            200 [ETag]
            {"key":"..","item":{"old":1}}
            GET /api/v1/tables/old/items/%2E
            200 [ETag]
            {"key":".","item":{"old":1}}
            PUT /api/v1/tables/old/items/.. {}
            400
            {"error":"the key is \"..\", which URL libraries remove from paths; use any key but \".\" and \"..\""}
            DELETE /api/v1/tables/old/items/%2e%2e
            200 [ETag]
            {"key":"..","message":"item deleted"}
            DELETE /api/v1/tables/old
            409
            {"error":"table \"old\" is not empty; to delete it with all its items, add ?confirm=old to the path or \#
            send the body {\"confirm\":\"old\"}"}
            DELETE /api/v1/tables/old/items/.
            200 [ETag]
            {"key":".","message":"item deleted"}
            GET /api/v1/tables/../items/k
            200 [ETag]
            {"key":"k","item":{"old":1}}
            DELETE /api/v1/tables/..?confirm=..
            200
            {"name":"..","message":"table deleted"}
            """#)
    }

    /// Stores names of dots, which the HTTP API does not accept, directly through the cluster node.
    private func writeDotNames(in directory: TestDirectory) throws {
        let configuration = try NodeConfiguration(
            from: SettingSources(
                flags: [.bind: "127.0.0.1:0", .dataDirectory: directory.path, .logLevel: "error", .accessLog: "off"],
                environment: [:], file: [:]),
            terminalOutput: false, descriptorLimit: 4096)
        let node = try Node(configuration)
        var remaining: [(table: String, key: String)] = [("old", "."), ("old", ".."), ("..", "k")]
        func writeNext() {
            guard let next = remaining.popLast(), let member = node.services?.member,
                let name = try? TableName(validating: Array(next.table.utf8))
            else { return node.stopping.signal() }
            member.createTable(name, trace: .none) { _ in
                guard let table = node.services?.tables[Array(next.table.utf8)] else { return }
                member.put(
                    Array(#"{"old":1}"#.utf8), table: table.state, key: ItemKey(stored: Array(next.key.utf8)),
                    consistency: .strong, trace: .none
                ) { _ in writeNext() }
            }
        }
        node.onBootstrapped = writeNext
        try node.run()
        node.onBootstrapped = nil
        #expect(remaining.isEmpty)
    }
}
