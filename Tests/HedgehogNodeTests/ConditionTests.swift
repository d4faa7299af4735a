import Testing

@Suite(.sharedNode) struct ConditionTests {
    @Test("If-None-Match with the current version answers 304 without a body")
    func noneMatch() throws {
        let client = TestNode.shared.client()
        client.makeTable("conditions")
        let path = "/api/v1/tables/conditions/items/k"
        let old = try #require(client.put(path, #"{"n":1}"#)?["ETag"])
        let tag = try #require(client.put(path, #"{"n":2}"#)?["ETag"])
        #expect(old != tag)
        #expect(client.get(path)?["ETag"] == tag)
        let inner = tag.dropFirst().dropLast()
        let cases: [(fields: [String], status: Int)] = [
            ([tag], 304), (["W/\(tag)"], 304), (["*"], 304), ([" \(tag) "], 304),
            (["\"x\", \(tag)"], 304), (["\"x\",W/\(tag),\"y\""], 304), (["\"x\"", tag], 304), (["", ",\(tag),"], 304),
            ([old], 200), (["\"x\""], 200), ([""], 200), ([String(inner)], 200), (["\"*\""], 200),
            (["\"\(inner.uppercased())\""], inner.uppercased() == inner ? 304 : 200), (["w/\(tag)"], 200),
            (["W/ \(tag)"], 200), (["\"\(inner.prefix(16)) \(inner.suffix(16))\""], 200), (["\"\(inner)"], 200),
        ]
        for (values, status) in cases {
            let fields = values.map { "If-None-Match: \($0)" }
            let answer = try #require(client.get(path, fields), "\(values)")
            #expect(answer.status == status, "\(values)")
            #expect(answer["ETag"] == tag)
            #expect(answer.body.isEmpty == (status == 304), "\(values)")
            #expect(answer["Content-Type"] == (status == 304 ? nil : "application/json"), "\(values)")
            #expect(client.ask("HEAD", path, fields)?.status == status, "\(values)")
        }
        #expect(client.get(path + "-none", ["If-None-Match: *"])?.status == 404)
    }

    @Test("A conditional write is refused with the reason, and nothing is written")
    func writes() {
        TestNode.shared.client().makeTable("unconditional")
        let refusal = #"""
            501
            {"error":"conditional writes are not supported in this version; send the write without If-Match and \#
            If-None-Match"}
            """#
        TestNode.shared.follow(
            #"""
            PUT /api/v1/tables/unconditional/items/k [If-Match: "x"] {}
            \#(refusal)
            PUT /api/v1/tables/unconditional/items/k [If-None-Match: *] {}
            \#(refusal)
            GET /api/v1/tables/unconditional/items/k
            404
            {"error":"item not found: the table exists, the key does not"}
            PUT /api/v1/tables/unconditional/items/k {}
            200 [ETag]
            {"key":"k","message":"item saved"}
            DELETE /api/v1/tables/unconditional/items/k [If-Match: *]
            \#(refusal)
            DELETE /api/v1/tables/unconditional/items/k [If-None-Match: "x"]
            \#(refusal)
            GET /api/v1/tables/unconditional/items/k
            200 [ETag]
            {"key":"k","item":{}}
            """#)
    }
}
