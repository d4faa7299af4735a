import Testing

@Suite(.sharedNode) struct KeyTests {
    /// Every code point of one or two UTF-8 bytes but the dot, which is not a key, the boundaries of the others, and
    /// texts with a meaning in paths, queries and file systems.
    private static let keys: [String] = {
        let borders: [UInt32] = [
            0x800, 0xFFF, 0x1000, 0x2028, 0xD7FF, 0xE000, 0xFEFF, 0xFFFD, 0xFFFE, 0xFFFF, 0x10000, 0x1F994, 0x3FFFF,
            0x40000, 0xFFFFF, 0x100000, 0x10FFFF,
        ]
        let scalars = (Array(0..<0x800) + borders).compactMap(Unicode.Scalar.init)
        let single = scalars.map { String($0) }.filter { $0 != "." }
        let meaningful = [
            "...", "....", "a/b", "//", "/a", "a/", "%2F", "%2f", "%252F", "a b", "  ", " a", "a ", "a+b", "a%20b",
            "#?&+%", "?a=b&c", "items", "../t", "..\u{0}", "\u{0}\u{0}", "null", "\\u0000", "\"\"", "a\"b", "\r\n",
            "C:\\x", "e\u{301}", "\u{E9}\u{301}", "A\u{30A}",
            "\u{1F468}\u{200D}\u{1F469}", "\u{FFFD}\u{FFFD}", "key", "KEY", "00", "-1",
        ]
        let long = [
            String(repeating: "a", count: 1023), String(repeating: "a", count: 1024),
            String(repeating: "\u{10FFFF}", count: 256), String(repeating: "\u{7FF}", count: 512),
            String(repeating: "/", count: 1024), String(repeating: "\u{0}", count: 1024),
        ]
        return single + meaningful + long
    }()

    @Test("Every key is returned unchanged, holds its own item, and is listed in byte order")
    func roundTrip() throws {
        let keys = Self.keys
        let client = TestNode.shared.client()
        client.makeTable("keys")
        let targets = keys.map { "/api/v1/tables/keys/items/" + encoded($0) }
        let puts = zip(targets, keys.indices).map { target, number in
            TestClient.Request(method: "PUT", target: target, body: Array("{\"n\":\(number)}".utf8))
        }
        for (answer, key) in zip(client.askAll(puts), keys) {
            #expect(answer.status == 200, "\(key.debugDescription)")
        }
        let answers = client.askAll(targets.map { TestClient.Request(target: $0) })
        #expect(answers.count == keys.count)
        for (number, (answer, key)) in zip(answers, keys).enumerated() {
            let expected = "{\"key\":\(json(key)),\"item\":{\"n\":\(number)}}\n"
            #expect(answer.body == Array(expected.utf8), "\(key.debugDescription)")
        }
        #expect(client.get("/api/v1/tables/keys/count")?.json["count"] as? Int == keys.count)
        try check(keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }, inPagesOf: 700, client)
    }

    private func check(_ sorted: [String], inPagesOf size: Int, _ client: TestClient) throws {
        var rest = sorted[...]
        var cursor = ""
        while !rest.isEmpty {
            let page = try #require(client.get("/api/v1/tables/keys/items?keys_only=true&limit=\(size)\(cursor)"))
            let keys = rest.prefix(size)
            rest = rest.dropFirst(size)
            let items = keys.map { "{\"key\":\(json($0))}" }.joined(separator: ",")
            let expected = "{\"items\":[\(items)],\"count\":\(keys.count)"
            #expect(page.body.starts(with: expected.utf8))
            cursor = "&after=\(page.json["next"] as? String ?? "none")"
        }
    }

    /// The key as answers encode it. (Foundation's JSON decoder drops a byte order mark.)
    private func json(_ key: String) -> String {
        let escaped = key.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case "\n": "\\n"
            case "\r": "\\r"
            case "\t": "\\t"
            case "\0"..<" ", "\u{7F}": "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }
        return "\"\(escaped.joined())\""
    }

    @Test("Different encodings of a key are the same key", arguments: [
        ("a!$'()*,;=:@-._~z", "a%21%24%27%28%29%2a%2C%3b%3D%3A%40%2d%2E%5F%7Ez"), ("a+b&c", "a%2Bb%26c"),
        ("abc", "%61%62%63"), (".a", "%2Ea"), ("..a", "%2e%2Ea"), ("...", ".%2E."),
    ])
    func spellings(plain: String, escaped: String) throws {
        let client = TestNode.shared.client()
        client.makeTable("spellings")
        let tag = try #require(client.put("/api/v1/tables/spellings/items/\(plain)")?["ETag"])
        #expect(client.get("/api/v1/tables/spellings/items/\(escaped)")?["ETag"] == tag)
        #expect(client.get("/api/v1/tables/spellings/items/\(escaped)")?.json["key"] as? String == plain)
    }

    @Test("An invalid key is refused with the reason", arguments: [
        ("%FF", "the key is not valid UTF-8"),
        ("a%80", "the key is not valid UTF-8"),
        ("%C0%AF", "the key is not valid UTF-8"),
        ("%E2%82", "the key is not valid UTF-8"),
        ("%ED%A0%80", "the key is not valid UTF-8"),
        ("%F4%90%80%80", "the key is not valid UTF-8"),
        ("%", "the key has a % that is not followed by two hexadecimal digits"),
        ("a%2", "the key has a % that is not followed by two hexadecimal digits"),
        ("%zz", "the key has a % that is not followed by two hexadecimal digits"),
        ("%%41", "the key has a % that is not followed by two hexadecimal digits"),
        ("%+1", "the key has a % that is not followed by two hexadecimal digits"),
        (String(repeating: "a", count: 1025), "the key is 1025 bytes long; at most 1024 are allowed"),
        (String(repeating: "%F4%8F%BF%BF", count: 256) + "a", "the key is 1025 bytes long; at most 1024 are allowed"),
        (String(repeating: "a", count: 8000), "the key is 8000 bytes long; at most 1024 are allowed"),
    ])
    func refused(segment: String, reason: String) throws {
        let client = TestNode.shared.client()
        client.makeTable("refused")
        for method in ["GET", "PUT", "DELETE"] {
            let target = "/api/v1/tables/refused/items/\(segment)"
            let answer = try #require(client.ask(method, target, [], Array("{}".utf8)))
            #expect(answer.status == 400, "\(method)")
            #expect((answer.json["error"] as? String)?.hasPrefix(reason) == true, "\(method): \(answer.text)")
        }
        #expect(client.ask("HEAD", "/api/v1/tables/refused/items/\(segment)")?.status == 400)
        #expect(client.get("/api/v1/tables/refused/count")?.json["count"] as? Int == 0)
    }

    @Test("A path without a key is the collection, which does not accept an item")
    func empty() {
        let client = TestNode.shared.client()
        client.makeTable("empty")
        #expect(client.put("/api/v1/tables/empty/items/")?.status == 405)
        #expect(client.ask("DELETE", "/api/v1/tables/empty/items/")?.status == 405)
        #expect(client.get("/api/v1/tables/empty/items/")?.json["count"] as? Int == 0)
    }
}
