import HTTP
import Testing

@Suite struct PathAndQueryTests {
    @Test("Paths are split at raw slashes only", arguments: [
        ("/", [], ""), ("/a", ["a"], ""), ("/a/b/c", ["a", "b", "c"], ""), ("/a/", ["a"], "trailing"),
        ("/a/b/", ["a", "b"], "trailing"), ("//", [""], "trailing empty"), ("//a", ["", "a"], "empty"),
        ("/a//b", ["a", "", "b"], "empty"), ("/a//", ["a", ""], "trailing empty"), ("/a%2Fb/c", ["a%2Fb", "c"], ""),
        ("/%2F", ["%2F"], ""), ("/./..", [".", ".."], ""), ("/1/2/3/4/5/6/7/8", "12345678".map { "\($0)" }, ""),
    ] as [(String, [String], String)])
    func splitting(path: String, segments: [String], flags: String) throws {
        let bytes = bytes("..\(path)..")
        let split = try #require(PathSegments(of: 2..<(bytes.count - 2), in: bytes))
        #expect((0..<split.count).map { text(bytes[split[$0]]) } == segments)
        #expect(split.hasTrailingSlash == flags.contains("trailing"))
        #expect(split.hasEmptySegment == flags.contains("empty"))
    }

    @Test("Segments beyond the capacity are counted but not kept")
    func deep() throws {
        let bytes = bytes("/1/2/3/4/5/6/7/8/9/10/")
        let split = try #require(PathSegments(of: 0..<bytes.count, in: bytes))
        #expect(split.count == 10)
        #expect(split.hasTrailingSlash)
        #expect(text(bytes[split[7]]) == "8")
    }

    @Test("A path that does not begin with a slash is not split", arguments: ["*", "", "a/b"])
    func noPath(text: String) {
        #expect(PathSegments(of: 0..<text.utf8.count, in: bytes(text)) == nil)
    }

    @Test("Query parameters are decoded name-value pairs in order", arguments: [
        (nil, []), ("", []), ("a=b", ["a=b"]), ("a", ["a="]), ("a=", ["a="]), ("=b", ["=b"]), ("=", ["="]),
        ("a=b&c=d", ["a=b", "c=d"]), ("&&a=b&&", ["a=b"]), ("a=b=c", ["a=b=c"]), ("a=1&a=2", ["a=1", "a=2"]),
        ("a+b=c+d", ["a b=c d"]), ("a%2Bb=%26%3D", ["a+b=&="]), ("a;b=c", ["a;b=c"]), ("k=%C3%A9", ["k=é"]),
    ] as [(String?, [String])])
    func queries(raw: String?, expected: [String]) throws {
        let bytes = bytes("/?\(raw ?? "")")
        let query = try Query(raw.map { _ in 2..<bytes.count }, in: bytes)
        #expect(query.parameters.map { "\(text($0.name))=\(text($0.value))" } == expected)
    }

    @Test("A malformed percent-encoding in a query is an error", arguments: ["a=%", "%4=b", "a=b&c=%zz", "a=%2"])
    func refusals(raw: String) {
        #expect(throws: PercentError.self) { try Query(0..<raw.utf8.count, in: bytes(raw)) }
    }

    @Test("Absent, single and repeated parameters are distinguished")
    func fieldCounts() throws {
        let raw = bytes("limit=1&prefix=&limit=2&%61fter=x")
        let query = try Query(0..<raw.count, in: raw)
        #expect(query.values(of: "limit") == .repeated(first: bytes("1")))
        #expect(query.values(of: "prefix") == .single([]))
        #expect(query.values(of: "after") == .single(bytes("x")))
        #expect(query.values(of: "Limit") == .absent)
    }
}
