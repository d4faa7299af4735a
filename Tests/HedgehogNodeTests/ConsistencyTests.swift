import Testing

@Suite(.sharedNode) struct ConsistencyTests {
    @Test("Each operation can set its consistency, in the query or in a header field")
    func accepted() {
        TestNode.shared.client().makeTable("consistent")
        TestNode.shared.follow(
            #"""
            PUT /api/v1/tables/consistent/items/k?consistency=strong {"n":1}
            200 [ETag]
            {"key":"k","message":"item saved"}
            GET /api/v1/tables/consistent/items/k?consistency=strong
            200 [ETag]
            {"key":"k","item":{"n":1}}
            GET /api/v1/tables/consistent/items/k?consistency=eventual
            200 [ETag]
            {"key":"k","item":{"n":1}}
            GET /api/v1/tables/consistent/items/k [X-Consistency: strong]
            200 [ETag]
            {"key":"k","item":{"n":1}}
            GET /api/v1/tables/consistent/items/k?con%73istency=str%6Fng
            200 [ETag]
            {"key":"k","item":{"n":1}}
            GET /api/v1/tables/consistent/items/none?consistency=strong
            404
            {"error":"item not found: the table exists, the key does not"}
            DELETE /api/v1/tables/consistent/items/k [X-Consistency: eventual]
            200 [ETag]
            {"key":"k","message":"item deleted"}
            """#)
    }

    @Test("No cache may answer a strong read, and one must ask again before it answers an eventual read")
    func caching() throws {
        let client = TestNode.shared.client()
        client.makeTable("cached")
        let path = "/api/v1/tables/cached/items/k"
        let tag = try #require(client.put(path)?["ETag"])
        let noneMatch = "If-None-Match: \(tag)"
        let cases: [(target: String, fields: [String], control: String)] = [
            (path, ["X-Consistency: strong"], "no-store"), (path + "?consistency=strong", [], "no-store"),
            (path + "?consistency=strong", [noneMatch], "no-store"),
            (path + "-none?consistency=strong", [], "no-store"),
            (path + "?consistency=nonsense", [], "no-store"), ("/api/v1/tables/none/items/k", [], "no-store"),
            (path, [], "no-cache"), (path, [noneMatch], "no-cache"), (path, ["X-Consistency: eventual"], "no-cache"),
            (path + "-none", [], "no-cache"), ("/api/v1/tables/cached/items", [], "no-store"),
            ("/api/v1/tables", [], "no-store"), ("/readyz", [], "no-store"), ("/nowhere", [], "no-store"),
        ]
        for (target, fields, control) in cases {
            #expect(client.get(target, fields)?["Cache-Control"] == control, "\(target) \(fields)")
            #expect(client.ask("HEAD", target, fields)?["Cache-Control"] == control, "\(target) \(fields)")
        }
    }

    @Test("An invalid consistency is refused, and nothing is read or written")
    func refused() {
        TestNode.shared.client().makeTable("inconsistent")
        TestNode.shared.follow(
            #"""
            PUT /api/v1/tables/inconsistent/items/k?consistancy=strong {"n":1}
            400
            {"error":"\"consistancy\" is not a parameter of this path; allowed: consistency"}
            PUT /api/v1/tables/inconsistent/items/k?consistency=quorum {}
            400
            {"error":"consistency: \"quorum\" was given; strong or eventual is allowed"}
            PUT /api/v1/tables/inconsistent/items/k?consistency= {}
            400
            {"error":"consistency: \"\" was given; strong or eventual is allowed"}
            PUT /api/v1/tables/inconsistent/items/k?consistency {}
            400
            {"error":"consistency: \"\" was given; strong or eventual is allowed"}
            PUT /api/v1/tables/inconsistent/items/k?consistency=Strong {}
            400
            {"error":"consistency: \"Strong\" was given; strong or eventual is allowed"}
            PUT /api/v1/tables/inconsistent/items/k?consistency=%FF {}
            400
            {"error":"consistency: \"\#u{FFFD}\" was given; strong or eventual is allowed"}
            PUT /api/v1/tables/inconsistent/items/k?consistency=strong&consistency=strong {}
            400
            {"error":"consistency: more than one was given; one value is allowed"}
            PUT /api/v1/tables/inconsistent/items/k?consistency=%zz {}
            400
            {"error":"the query has a % that is not followed by two hexadecimal digits; write %25 for a percent sign"}
            PUT /api/v1/tables/inconsistent/items/k [X-Consistency: all] {}
            400
            {"error":"X-Consistency: \"all\" was given; strong or eventual is allowed"}
            PUT /api/v1/tables/inconsistent/items/k [X-Consistency: strong] [X-Consistency: strong] {}
            400
            {"error":"X-Consistency: more than one was given; one value is allowed"}
            GET /api/v1/tables/inconsistent/items/k?consistency=all
            400
            {"error":"consistency: \"all\" was given; strong or eventual is allowed"}
            DELETE /api/v1/tables/inconsistent/items/k?consistency=all
            400
            {"error":"consistency: \"all\" was given; strong or eventual is allowed"}
            GET /api/v1/tables/inconsistent/count
            200
            {"count":0,"exact":true}
            """#)
    }
}
