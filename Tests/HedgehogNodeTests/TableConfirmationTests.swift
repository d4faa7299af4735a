import Testing

@testable import HedgehogNode

@Suite(.sharedNode) struct TableConfirmationTests {
    @Test("A table that has items is deleted only by a request that confirms its name")
    func confirmation() {
        let node = TestNode.shared
        node.client().makeTable("full")
        #expect(node.client().put("/api/v1/tables/full/items/k")?.status == 200)
        let notEmpty =
            #"table \"full\" is not empty; to delete it with all its items, add ?confirm=full to the path or "#
            + #"send the body {\"confirm\":\"full\"}"#
        node.follow(
            #"""
            DELETE /api/v1/tables/full
            409
            {"error":"\#(notEmpty)"}
            DELETE /api/v1/tables/full {}
            409
            {"error":"\#(notEmpty)"}
            DELETE /api/v1/tables/full?confirm=Full
            400
            {"error":"confirm: \"Full\" was given; the table's name full is allowed"}
            DELETE /api/v1/tables/full?confirm=
            400
            {"error":"confirm: \"\" was given; the table's name full is allowed"}
            DELETE /api/v1/tables/full?confirm=full&confirm=full
            400
            {"error":"confirm: more than one was given; one value is allowed"}
            DELETE /api/v1/tables/full?consistency=strong
            400
            {"error":"\"consistency\" is not a parameter of this path; allowed: confirm"}
            DELETE /api/v1/tables/full {"confirm":"other"}
            400
            {"error":"confirm: \"other\" was given; the table's name full is allowed"}
            DELETE /api/v1/tables/full?confirm=full {"confirm":"other"}
            400
            {"error":"confirm: \"other\" was given; the table's name full is allowed"}
            DELETE /api/v1/tables/full {"confirm":true}
            400
            {"error":"the body has no \"confirm\" that is a string; an example is {\"confirm\":\"full\"}"}
            DELETE /api/v1/tables/full confirm
            400
            {"error":"the body is not valid JSON at byte 0; one JSON object is required"}
            GET /api/v1/tables/full/items/k
            200 [ETag]
            {"key":"k","item":{}}
            DELETE /api/v1/tables/full?confirm=%66ull
            200
            {"name":"full","message":"table deleted"}
            POST /api/v1/tables {"name":"full"}
            201
            {"name":"full","message":"table created"}
            PUT /api/v1/tables/full/items/k {}
            200 [ETag]
            {"key":"k","message":"item saved"}
            DELETE /api/v1/tables/full {"confirm":"full"}
            200
            {"name":"full","message":"table deleted"}
            """#)
    }

    @Test("A table without items is deleted without confirmation, also after its items were deleted")
    func empty() {
        TestNode.shared.follow(
            #"""
            POST /api/v1/tables {"name":"vacant"}
            201
            {"name":"vacant","message":"table created"}
            PUT /api/v1/tables/vacant/items/k {}
            200 [ETag]
            {"key":"k","message":"item saved"}
            DELETE /api/v1/tables/vacant/items/k
            200 [ETag]
            {"key":"k","message":"item deleted"}
            DELETE /api/v1/tables/vacant
            200
            {"name":"vacant","message":"table deleted"}
            """#)
    }

    @Test("A table whose replicas do not all answer is deleted only with confirmation")
    func unknownCount() throws {
        let cluster = try TestCluster()
        cluster.client(0).makeTable("t")
        cluster.stop(2)
        let refused = try #require(cluster.client(0).ask("DELETE", "/api/v1/tables/t"))
        #expect(refused.status == 409)
        #expect(
            refused.json["error"] as? String == "table \"t\" may have items, because not all replicas confirm that it "
                + "is empty; to delete it with all its items, add ?confirm=t to the path or send the body "
                + "{\"confirm\":\"t\"}")
        #expect(cluster.client(0).ask("DELETE", "/api/v1/tables/t?confirm=t")?.status == 200)
    }
}
