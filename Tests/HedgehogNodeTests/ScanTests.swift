import Testing

@Suite(.sharedNode) struct ScanTests {
    private static let keys: [String] = {
        let letters = ["a", "b", "ba", "c\u{E4}", "~"]
        var keys = letters.flatMap { first in (0..<23).map { "\(first)\($0 * 7)" } }
        keys += ["%41", "a b", "a/b", "\u{E4}", "\u{10FFFF}", "\u{0}"]
        return keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }()

    private func fill(_ table: String, _ keys: [String] = keys) -> TestClient {
        let client = TestNode.shared.client()
        client.makeTable(table)
        // Items are written in a scrambled order, so that the order of a scan does not come from the order of the
        // writes.
        let shuffled = keys.enumerated().sorted { $0.offset * 37 % 101 < $1.offset * 37 % 101 }
        let answers = client.askAll(shuffled.map { _, key in
            .init(method: "PUT", target: "/api/v1/tables/\(table)/items/\(encoded(key))", body: Array(item(key).utf8))
        })
        #expect(answers.allSatisfy { $0.status == 200 })
        return client
    }

    private func item(_ key: String) -> String { "{\"bytes\":\(key.utf8.count)}" }

    /// Follows the cursor through all pages of a scan. Returns the keys of all pages, joined, and the number of items
    /// of each page.
    private func scan(_ client: TestClient, _ table: String, _ query: String) throws -> (keys: [String], pages: [Int]) {
        var (keys, pages, cursor): ([String], [Int], String?) = ([], [], "")
        while let after = cursor {
            let answer = try #require(client.get("/api/v1/tables/\(table)/items?\(query)\(after)"))
            #expect(answer.status == 200, "\(answer.text)")
            let page = answer.json
            let items = try #require(page["items"] as? [[String: Any]])
            #expect(page["count"] as? Int == items.count)
            for entry in items {
                let key = try #require(entry["key"] as? String)
                let item = query.contains("keys_only=true") ? nil : ["bytes": key.utf8.count]
                #expect(entry["item"] as? [String: Int] == item)
                keys.append(key)
            }
            pages.append(items.count)
            cursor = (page["next"] as? String).map { "&after=\($0)" }
        }
        return (keys, pages)
    }

    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    /// The expected result of a scan, computed from a sorted list of keys.
    private struct Model: CustomTestStringConvertible {
        var prefix = ""
        var start: String?
        var end: String?
        var reverse = false

        func keys(of all: [String]) -> [String] {
            let kept = all.filter { key in
                key.utf8.starts(with: prefix.utf8) && !precedes(key, start ?? "")
                    && (end.map { precedes(key, $0) } ?? true)
            }
            return reverse ? kept.reversed() : kept
        }

        var query: String {
            var parts = ["prefix=\(encoded(prefix))", "reverse=\(reverse)"]
            if let start { parts.append("start=\(encoded(start))") }
            if let end { parts.append("end=\(encoded(end))") }
            return parts.joined(separator: "&")
        }

        var testDescription: String { query }

        static let all: [Model] = {
            let prefixes = ["", "a", "b", "c\u{E4}", "none"]
            let starts: [String?] = [nil, "a49", "b"]
            let ends: [String?] = [nil, "", "ba21", "\u{E4}"]
            return prefixes.flatMap { prefix in
                starts.flatMap { start in
                    ends.flatMap { end in
                        [false, true].map { Model(prefix: prefix, start: start, end: end, reverse: $0) }
                    }
                }
            }
        }()
    }

    @Test("Bounds and a cursor that are the longest allowed keys fit into one request")
    func longestBounds() throws {
        let client = TestNode.shared.client()
        let table = "t" + String(repeating: "-", count: 127)
        client.makeTable(table)
        // Every byte of this key needs percent-encoding, so it takes as many bytes of the request as a key can.
        let key = String(repeating: "\u{E4}", count: 512)
        let (escaped, cursor) = (encoded(key), "1" + String(repeating: "c3a4", count: 512))
        for prefix in ["", escaped] {
            let query = "limit=10000&keys_only=false&reverse=false&prefix=\(prefix)&start=\(escaped)&end=\(escaped)"
            for path in ["tables", "cluster/tables"] {
                let answer = client.get("/api/v1/\(path)/\(table)/items?\(query)&after=\(cursor)")
                #expect(answer?.status == 200, "\(answer?.text ?? "no answer")")
            }
        }
    }

    @Test("Every prefix and range gives the expected keys, in both directions, on one page and on many")
    func model() throws {
        let client = fill("model")
        for (number, model) in Model.all.enumerated() {
            let expected = model.keys(of: Self.keys)
            // The page limit is a small one, another one in each case, but large enough for at most a dozen pages.
            let limit = max([1, 2, 3, 7, 10, 64][number % 6], expected.count / 12)
            let whole = try scan(client, "model", model.query)
            #expect(whole.keys == expected, "\(model.query)")
            #expect(whole.pages.count == 1)
            let paged = try scan(client, "model", model.query + "&limit=\(limit)&keys_only=true")
            #expect(paged.keys == expected, "\(model.query)&limit=\(limit)")
            #expect(paged.pages.dropLast().allSatisfy { $0 == limit })
            #expect(paged.pages.last != 0 || expected.isEmpty, "a page was announced that nothing stood on")
        }
    }

    @Test("A page has a cursor exactly if items follow", arguments: [false, true])
    func next(reverse: Bool) throws {
        let table = "next-\(reverse)"
        let keys = (0..<30).map { "k\($0 + 10)" }
        let client = fill(table, keys)
        for limit in 1...31 {
            let page = try #require(client.get("/api/v1/tables/\(table)/items?limit=\(limit)&reverse=\(reverse)")).json
            #expect(page["count"] as? Int == min(limit, 30))
            #expect((page["next"] != nil) == (limit < 30), "limit \(limit)")
        }
        // Only tombstones follow the last item of the page. They do not count as further items.
        for key in reverse ? keys.prefix(10) : keys.suffix(10) {
            _ = client.ask("DELETE", "/api/v1/tables/\(table)/items/\(key)")
        }
        let page = try #require(client.get("/api/v1/tables/\(table)/items?limit=20&reverse=\(reverse)")).json
        #expect(page["count"] as? Int == 20)
        #expect(page["next"] == nil)
    }

    @Test("A cursor stays valid while items are written and deleted, its own item included")
    func cursor() throws {
        let client = fill("cursor", (0..<10).map { "k\($0)" })
        let first = try #require(client.get("/api/v1/tables/cursor/items?limit=5")).json
        let next = try #require(first["next"] as? String)
        for key in ["k4", "k6"] { _ = client.ask("DELETE", "/api/v1/tables/cursor/items/\(key)") }
        for key in ["k3a", "k4a", "k9a"] { _ = client.put("/api/v1/tables/cursor/items/\(key)", item(key)) }
        let rest = try scan(client, "cursor", "after=\(next)")
        #expect(rest.keys == ["k4a", "k5", "k7", "k8", "k9", "k9a"])
    }

    @Test("A scan with invalid parameters is refused with what is allowed", arguments: [
        ("limit=0", #"limit: "0" was given; a whole number from 1 to 10000 is allowed"#),
        ("limit=10001", #"limit: "10001" was given; a whole number from 1 to 10000 is allowed"#),
        ("limit=", #"limit: "" was given; a whole number from 1 to 10000 is allowed"#),
        ("limit=ten", #"limit: "ten" was given; a whole number from 1 to 10000 is allowed"#),
        ("limit=-1", #"limit: "-1" was given; a whole number from 1 to 10000 is allowed"#),
        ("limit=%2B5", #"limit: "+5" was given; a whole number from 1 to 10000 is allowed"#),
        ("limit=1e3", #"limit: "1e3" was given; a whole number from 1 to 10000 is allowed"#),
        ("limit=99999999999999999999", #"limit: "99999999999999999999" was given; a whole number from 1 to"#),
        ("limit=1&limit=2", "limit: more than one was given; one value is allowed"),
        ("prefix=a&prefix=b", "prefix: more than one was given; one value is allowed"),
        ("limt=1", #""limt" is not a parameter of this path; allowed: limit, prefix"#),
        ("limit=2&next=1aa", #""next" is not a parameter of this path"#),
        ("after=1%2B1", #"after: "1+1" was given; a cursor from "next" of an earlier page is allowed"#),
        ("after=", #"after: "" was given; a cursor from "next" of an earlier page is allowed"#),
        ("after=1", #"after: "1" was given; a cursor from "next" of an earlier page is allowed"#),
        ("after=16", #"after: "16" was given; a cursor from "next" of an earlier page is allowed"#),
        ("after=161x1", #"after: "161x1" was given; a cursor from "next" of an earlier page is allowed"#),
        ("after=1%2B6%2B1", #"after: "1+6+1" was given; a cursor from "next" of an earlier page"#),
        ("after=261", #"after: "261" was given; a cursor from "next" of an earlier page is allowed"#),
        ("keys_only=yes", #"keys_only: "yes" was given; true or false is allowed"#),
        ("reverse=", #"reverse: "" was given; true or false is allowed"#),
        ("prefix=%a", "the query has a % that is not followed by two hexadecimal digits"),
    ])
    func refused(query: String, reason: String) throws {
        let client = TestNode.shared.client()
        client.makeTable("refusedscans")
        for path in ["/api/v1/tables/refusedscans/items", "/api/v1/cluster/tables/refusedscans/items/"] {
            let answer = try #require(client.get("\(path)?\(query)"))
            #expect(answer.status == 400, "\(path)")
            #expect((answer.json["error"] as? String)?.hasPrefix(reason) == true, "\(answer.text)")
            #expect(client.ask("HEAD", "\(path)?\(query)")?.status == 400)
        }
    }

    @Test("The default limit is 1,000; larger results are split into pages, and each page is streamed")
    func large() throws {
        let client = TestNode.shared.client()
        client.makeTable("stream")
        let padding = String(repeating: "x", count: 100)
        let numbers = (0..<10_500).map { String($0 + 100_000) }
        let answers = TestNode.shared.askAll(numbers.map {
            .init(
                method: "PUT", target: "/api/v1/tables/stream/items/\($0)",
                body: Array(#"{"n":\#($0),"padding":"\#(padding)"}"#.utf8))
        })
        #expect(answers.allSatisfy { $0.status == 200 })
        #expect(client.get("/api/v1/tables/stream/items")?.json["count"] as? Int == 1000)
        let page = try #require(client.get("/api/v1/tables/stream/items?limit=10000"))
        #expect(page["Transfer-Encoding"] == "chunked")
        let items = try #require(page.json["items"] as? [[String: Any]])
        #expect(items.compactMap { $0["key"] as? String } == Array(numbers.prefix(10_000)))
        #expect(items.compactMap { ($0["item"] as? [String: Any])?["n"] as? Int } == Array(100_000..<110_000))
        let next = try #require(page.json["next"] as? String)
        let last = try #require(client.get("/api/v1/tables/stream/items?limit=10000&after=\(next)")).json
        #expect(last["count"] as? Int == 500)
        #expect(last["next"] == nil)
        client.send("GET /api/v1/tables/stream/items?limit=10000 HTTP/1.0\r\n\r\n")
        let old = try #require(client.receive())
        #expect(old["Transfer-Encoding"] == nil)
        #expect(old.body == page.body)
    }

    @Test("A client that stops reading during a scan does not block others")
    func abandoned() {
        let client = fill("abandoned", (0..<50).map { "k\($0)" })
        let large = #"{"a":""# + String(repeating: "x", count: 100_000) + #""}"#
        for number in 0..<50 { _ = client.put("/api/v1/tables/abandoned/items/k\(number)", large) }
        let stalled = TestNode.shared.client()
        stalled.send(TestClient.request("GET", "/api/v1/tables/abandoned/items"))
        let gone = TestNode.shared.client()
        gone.send(TestClient.request("GET", "/api/v1/tables/abandoned/items"))
        gone.breakOff()
        #expect(client.ask("DELETE", "/api/v1/tables/abandoned?confirm=abandoned")?.status == 200)
        #expect(client.get("/livez")?.status == 200)
        // The client that had stopped reading now reads what the server still sends: either the whole scan, or a part
        // that ends with a closed connection.
        if let answer = stalled.receive() { #expect(!answer.json.isEmpty) }
    }
}
