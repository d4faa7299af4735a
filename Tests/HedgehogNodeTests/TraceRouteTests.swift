import Observability
import Testing

@testable import HedgehogNode

@Suite(.sharedNode) struct TraceRouteTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"

    @Test("An invalid trace id or request id is an error that names the allowed values", arguments: [
        ("", "either trace_id or request_id is required"),
        ("?trace_id=\(trace)&request_id=a", "either trace_id or request_id is required"),
        ("?trace_id=abc", "32 lowercase hexadecimal digits"),
        ("?trace_id=00000000000000000000000000000000", "32 lowercase hexadecimal digits"),
        ("?trace_id=0AF7651916CD43DD8448EB211C80319C", "32 lowercase hexadecimal digits"),
        ("?trace_id=\(trace)&trace_id=\(trace)", "more than one"),
        ("?request_id=", "1 to 128 letters"), ("?request_id=a%20b", "1 to 128 letters"),
        ("?trace_id=\(trace)&limit=0", "limit"), ("?trace_id=\(trace)&limit=10001", "limit"),
        ("?trace=\(trace)", "allowed: trace_id, request_id, limit"),
    ])
    func bad(query: String, sentence: String) throws {
        let answer = try #require(TestNode.shared.client().get("/api/v1/debug/traces" + query))
        #expect(answer.status == 400 && (answer.json["error"] as? String)?.contains(sentence) == true, "\(answer.text)")
    }

    @Test("An unknown trace gives an empty list, with the number of stored spans", arguments: [
        "?trace_id=\(trace)", "?trace_id=0af76519-16cd-43dd-8448-eb211c80319c", "?request_id=demo-1&limit=5",
    ])
    func nothing(query: String) throws {
        let answer = try #require(TestNode.shared.client().get("/api/v1/debug/traces" + query))
        #expect(answer.status == 200 && answer["Content-Type"] == "application/json")
        #expect(answer.json["node_id"] as? String == "node-1" && (answer.json["spans"] as? [Any])?.isEmpty == true)
        #expect(answer.json["cut"] as? Bool == false && answer.json["capacity"] as? Int == 8192)
        #expect(answer.json["max_traces_per_second"] as? Int == 100)
    }

    @Test("Only GET and HEAD are allowed")
    func methods() throws {
        let client = TestNode.shared.client()
        #expect(client.ask("HEAD", "/api/v1/debug/traces?request_id=a")?.status == 200)
        let answer = try #require(client.ask("POST", "/api/v1/debug/traces?request_id=a"))
        #expect(answer.status == 405 && answer["Allow"] == "GET, HEAD, OPTIONS")
    }

    @Test("The list contains every part of a span")
    func listing() throws {
        let run = try ExportRun(nil, ["OTEL_TRACES_EXPORTER": "none"])
        let tracer = run.tracing.tracer
        let root = tracer.begin("root", .server)
        root.set(SpanRecord.requestIDKey, .text("demo-1"))
        let child = tracer.begin(
            "child", .client, traceID: root.traceID, parent: root.spanID, isRemote: false, flags: root.flags)
        child.set("bytes", .bytes([0xFF, 0x22]))
        child.set("number", .integer(-5))
        child.set("flag", .flag(true))
        child.addEvent("moment", [SpanAttribute("n", .integer(1))], atNanoseconds: tracer.now)
        child.addLink(SpanLink(traceID: root.traceID, spanID: root.spanID, flags: .sampled))
        child.fail("timeout", "no answer")
        tracer.end(child)
        tracer.end(root)
        let found = run.tracing.recent.spans(ofRequest: Array("demo-1".utf8), limit: 10)
        let listing = SpanListing(
            nodeID: "node-1", spans: found.spans, isCut: false, held: 2, capacity: 8, oldestEndNanoseconds: 0,
            maximumTracesPerSecond: 0)
        var answer = Answer(head: "HTTP/1.1 200 OK")
        answer.body = listing.body
        let spans = try #require(answer.json["spans"] as? [[String: Any]])
        try #require(spans.count == 2)
        #expect(spans[0]["name"] as? String == "child" && spans[1]["name"] as? String == "root")
        #expect(spans[0]["parent_span_id"] as? String == spans[1]["span_id"] as? String)
        #expect(spans[0]["trace_id"] as? String == spans[1]["trace_id"] as? String)
        #expect(spans[0]["kind"] as? String == "client" && spans[0]["parent_is_remote"] as? Bool == false)
        #expect(spans[0]["failed"] as? Bool == true && spans[0]["failure"] as? String == "no answer")
        #expect(spans[1]["failed"] as? Bool == false && spans[1]["parent_span_id"] == nil)
        let attributes = try #require(spans[0]["attributes"] as? [[String: Any]])
        #expect(attributes.map { $0["key"] as? String } == ["bytes", "number", "flag", "error.type"])
        #expect(attributes[0]["value"] as? String == "\u{FFFD}\"" && attributes[1]["value"] as? Int == -5)
        let event = (spans[0]["events"] as? [[String: Any]])?.first
        #expect(event?["name"] as? String == "moment")
        let link = (spans[0]["links"] as? [[String: Any]])?.first
        #expect(link?["span_id"] as? String == spans[1]["span_id"] as? String)
        #expect(answer.json["oldest"] as? String == "1970-01-01T00:00:00.000Z")
        let start = try #require((spans[0]["start_nanoseconds"] as? String).flatMap { UInt64($0) })
        let moment = try #require((event?["at_nanoseconds"] as? String).flatMap { UInt64($0) })
        let end = try #require((spans[0]["end_nanoseconds"] as? String).flatMap { UInt64($0) })
        #expect(start <= moment && moment <= end && start > 1_600_000_000_000_000_000)
    }
}
