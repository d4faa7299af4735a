import Observability
import Testing

@Suite struct LogEncoderTests {
    private static let wall: UInt64 = 1_795_529_106_123_456_789

    @Test("A request as text")
    func accessText() throws {
        #expect(line(try record(), .text) == """
            2026-11-24T14:05:06.123Z INFO access method=PUT path="/api/v1/tables/users/items/7?consistency=strong" \
            operation=put_item table=users status=200 duration_ms=0.412 bytes_in=311 bytes_out=42 \
            peer=127.0.0.1:54321 user_agent=curl/7.88.1 [trace_id=aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb] \
            request_id=demo-1 node_id=node-1

            """)
    }

    @Test("A request as JSON")
    func accessJSON() throws {
        #expect(line(try record(), .json) == """
            {"ts":"2026-11-24T14:05:06.123Z","level":"info","msg":"request","node_id":"node-1","request_id":"demo-1",\
            "trace_id":"aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb","method":"PUT",\
            "path":"/api/v1/tables/users/items/7?consistency=strong","operation":"put_item","table":"users",\
            "status":200,"duration_ms":0.412,"bytes_in":311,"bytes_out":42,"peer":"127.0.0.1:54321",\
            "user_agent":"curl/7.88.1"}

            """)
    }

    @Test("Bytes that are not a request still give a line, and a failure has its reason")
    func accessOfNoRequest() throws {
        var record = try record()
        record.method = []
        record.target = []
        record.userAgent = []
        record.operation = .invalid
        record.table = ""
        record.status = 503
        record.error = "too many connections"
        #expect(line(record, .text) == """
            2026-11-24T14:05:06.123Z WARN access operation=invalid status=503 duration_ms=0.412 bytes_in=311 \
            bytes_out=42 peer=127.0.0.1:54321 error="too many connections" \
            [trace_id=aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb] request_id=demo-1 node_id=node-1

            """)
        #expect(line(record, .json) == """
            {"ts":"2026-11-24T14:05:06.123Z","level":"warn","msg":"request","node_id":"node-1","request_id":"demo-1",\
            "trace_id":"aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb","method":"","path":"","operation":"invalid","table":"",\
            "status":503,"duration_ms":0.412,"bytes_in":311,"bytes_out":42,"peer":"127.0.0.1:54321",\
            "error":"too many connections"}

            """)
    }

    @Test("An event with every kind of field, in both formats")
    func event() throws {
        let id = try #require(TraceID(high: 1, low: 2))
        let demo = RequestID(validating: Array("demo-1".utf8).span)
        let event = EventRecord(wallNanoseconds: Self.wall, level: .warn, message: "writes are refused", fields: [
            LogField("reason", .text("disk full")), LogField("path", .bytes(Array("/data".utf8))),
            LogField("free_bytes", .integer(-1)), LogField("waited_ms", .duration(nanoseconds: 1_500_000)),
            LogField("will_retry", .flag(true)), LogField("trace_id", .traceID(id)),
            LogField("request_id", .requestID(try #require(demo))),
        ])
        #expect(line(event, .text) == """
            2026-11-24T14:05:06.123Z WARN writes are refused reason="disk full" path=/data free_bytes=-1 \
            waited_ms=1.500 will_retry=true [trace_id=00000000000000010000000000000002] request_id=demo-1 \
            node_id=node-1

            """)
        #expect(line(event, .json) == """
            {"ts":"2026-11-24T14:05:06.123Z","level":"warn","msg":"writes are refused","node_id":"node-1",\
            "reason":"disk full","path":"/data","free_bytes":-1,"waited_ms":1.500,"will_retry":true,\
            "trace_id":"00000000000000010000000000000002","request_id":"demo-1"}

            """)
    }

    private func line(_ record: AccessRecord, _ format: LogFormat) -> String {
        var bytes: [UInt8] = []
        var encoder = LogEncoder(format: format, nodeID: "node-1")
        encoder.append(record, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func line(_ record: EventRecord, _ format: LogFormat) -> String {
        var bytes: [UInt8] = []
        var encoder = LogEncoder(format: format, nodeID: "node-1")
        encoder.append(record, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func record() throws -> AccessRecord {
        try demoRecord(target: Array("/api/v1/tables/users/items/7?consistency=strong".utf8))
    }
}

/// Returns an access log record of a PUT of an item, sent with curl.
func demoRecord(target: [UInt8], userAgent: [UInt8] = Array("curl/7.88.1".utf8)) throws -> AccessRecord {
    let id = RequestID(validating: Array("demo-1".utf8).span)
    return AccessRecord(
        wallNanoseconds: 1_795_529_106_123_456_789, method: Array("PUT".utf8)[...], target: target[...],
        userAgent: userAgent[...], operation: .putItem, table: "users", status: 200, durationNanoseconds: 412_999,
        bytesIn: 311, bytesOut: 42, peer: "127.0.0.1:54321", requestID: try #require(id),
        traceID: try #require(TraceID(high: 0xAAAA_AAAA_AAAA_AAAA, low: 0xBBBB_BBBB_BBBB_BBBB)))
}
