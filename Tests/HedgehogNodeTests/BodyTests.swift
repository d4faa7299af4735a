import Testing

@testable import HedgehogNode

@Suite(.sharedNode) struct BodyTests {
    private static let deep = String(repeating: #"{"a":"#, count: 511) + "{}" + String(repeating: "}", count: 511)

    @Test("An object is returned byte for byte", arguments: [
        "{}", #"{ "a" : [ 1 , 2.50 , -0 , 1E+2 ] }"#, #"{"a":1,"a":2}"#, #"{"":null}"#, deep,
        #"{"n":1234567890123456789012345678901234567890}"#, #"{"n":-0.10000000000000000000000000000000000001}"#,
        #"{"n":1e308,"small":1e-400}"#, #"{"s":"\u0041\/\ud83e\udd94\n"}"#, "{\"s\":\"\u{E4}\u{1F994}\u{7F}\"}",
        "{\"a\":\r\n\t[\n]}", #"{"\"error\"":"}\n"}"#,
    ])
    func kept(body: String) throws {
        let client = TestNode.shared.client()
        client.makeTable("kept")
        let target = "/api/v1/tables/kept/items/\(encoded(String(body.prefix(300))))"
        #expect(client.put(target, body)?.status == 200)
        let answer = try #require(client.get(target))
        let end = Array(",\"item\":\(body)}\n".utf8)
        #expect(answer.body.suffix(end.count).elementsEqual(end))
    }

    @Test("White space around the object is removed")
    func trimmed() {
        let client = TestNode.shared.client()
        client.makeTable("trimmed")
        #expect(client.put("/api/v1/tables/trimmed/items/k", " \r\n\t{ \"a\": 1 }\n ")?.status == 200)
        #expect(client.get("/api/v1/tables/trimmed/items/k")?.text == #"{"key":"k","item":{ "a": 1 }}"# + "\n")
    }

    @Test("A body that is not an object is refused with the reason, and nothing is written", arguments: [
        ("", "the body is empty; a JSON object is required"),
        (" \n", "the body is empty; a JSON object is required"),
        ("[]", "the body is JSON but not an object; {...} is required"),
        ("null", "the body is JSON but not an object; {...} is required"),
        (#""text""#, "the body is JSON but not an object; {...} is required"),
        ("{", "the body is not valid JSON at byte 1; one JSON object is required"),
        ("{a:1}", "the body is not valid JSON at byte 1; one JSON object is required"),
        (#"{"a":1}x"#, "the body is not valid JSON at byte 7; one JSON object is required"),
        (#"{"a":1,}"#, "the body is not valid JSON at byte 7; one JSON object is required"),
        ("a=1&b=2", "the body is not valid JSON at byte 0; one JSON object is required"),
        (#"{"n":1e309}"#, "the number at byte 5 is outside the range of a double; send it as a string"),
        (#"{"s":"\ud83e"}"#, "the body has invalid UTF-8, or an escape that is half of a surrogate pair, at byte"),
        (#"{"a":"# + deep + "}", "objects and arrays are nested deeper than the 512 levels allowed, at byte"),
    ])
    func refused(body: String, reason: String) throws {
        let client = TestNode.shared.client()
        client.makeTable("refusedbodies")
        let answer = try #require(client.put("/api/v1/tables/refusedbodies/items/k", body))
        #expect(answer.status == 400)
        #expect((answer.json["error"] as? String)?.hasPrefix(reason) == true, "\(answer.text)")
        #expect(client.get("/api/v1/tables/refusedbodies/items/k")?.status == 404)
    }

    @Test("Bytes that are not valid UTF-8 are refused", arguments: [
        [0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82],
    ] as [[UInt8]])
    func encoding(bytes: [UInt8]) throws {
        let client = TestNode.shared.client()
        client.makeTable("encoding")
        let body = Array(#"{"a":""#.utf8) + bytes + Array(#""}"#.utf8)
        let answer = try #require(client.ask("PUT", "/api/v1/tables/encoding/items/k", [], body))
        #expect(answer.status == 400)
        #expect((answer.json["error"] as? String)?.hasPrefix("the body has invalid UTF-8") == true, "\(answer.text)")
    }

    @Test("A hundred thousand levels of nesting are refused quickly", arguments: ["[", #"{"a":"#])
    func hostileDepth(level: String) throws {
        let client = TestNode.shared.client()
        client.makeTable("depth")
        let start = ContinuousClock.now
        let body = #"{"a":"# + String(repeating: level, count: 100_000)
        let answer = try #require(client.put("/api/v1/tables/depth/items/k", body))
        #expect(answer.status == 400)
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test("An item of exactly the size limit is stored and returned; one byte more is refused")
    func limit() throws {
        let client = TestNode.shared.client()
        client.makeTable("large")
        let target = "/api/v1/tables/large/items/k"
        let largest = #"{"a":""# + String(repeating: "x", count: (1 << 20) - 8) + #""}"#
        #expect(client.put(target, largest)?.status == 200)
        #expect(client.get(target)?.text == #"{"key":"k","item":"# + largest + "}\n")
        let answer = try #require(client.put(target, largest + " "))
        #expect(answer.status == 413)
        #expect(answer.json["limit"] as? Int == 1 << 20)
        let broken = TestNode.shared.client().put(target, largest.dropLast() + "]")
        #expect(broken?.status == 400)
        #expect(TestNode.shared.client().get(target)?.body.count == largest.utf8.count + 20)
    }

    @Test("The size limit is configurable")
    func smallLimit() throws {
        let client = try TestNode([.maximumItemBytes: "10"]).client()
        client.makeTable("t")
        #expect(client.put("/api/v1/tables/t/items/k", #"{"a":"12"}"#)?.status == 200)
        #expect(client.put("/api/v1/tables/t/items/k", #"{"a":"123"}"#)?.status == 413)
    }

    @Test("A body may be chunked, and sent after 100 Continue")
    func chunked() throws {
        let client = TestNode.shared.client()
        client.makeTable("chunked")
        let head = "PUT /api/v1/tables/chunked/items/k HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
        client.send(head + "\r\n5;x=y\r\n{\"a\":\r\n3\r\n12}\r\n0\r\nTrailer: x\r\n\r\n")
        #expect(client.receive()?.status == 200)
        #expect(client.get("/api/v1/tables/chunked/items/k")?.json["item"] as? [String: Int] == ["a": 12])
        client.send(head + "Expect: 100-continue\r\n\r\n")
        client.send("2\r\n{}\r\n0\r\n\r\n")
        #expect(client.receive()?.status == 200)
        #expect(client.get("/api/v1/tables/chunked/items/k")?.json["item"] as? [String: Int] == [:])
    }
}
