import Foundation
import Observability
import Reactor
import Testing

@testable import HedgehogNode

/// Exports spans to a real server on the loopback interface that fails in every way in which a collector can fail.
@Suite struct SpanExportTests {
    private static func partial(_ rejected: UInt8, _ message: String) -> [UInt8] {
        let inner = [0x08, rejected, 0x12, UInt8(message.utf8.count)] + Array(message.utf8)
        return [0x0A, UInt8(inner.count)] + inner
    }

    @Test("A batch is one POST of protobuf to v1/traces, and its spans count as exported")
    func good() throws {
        let run = try ExportRun([.answer(200)])
        run.end(3)
        run.settle()
        #expect(run.exported == 3 && run.drops.isEmpty && run.attempts == ["success": 1])
        let request = try #require(run.requests.first)
        #expect(run.requests.count == 1 && request.head.hasPrefix("POST /v1/traces HTTP/1.1\r\n"))
        #expect(request["Content-Type"] == "application/x-protobuf" && request["Content-Encoding"] == nil)
        #expect(request["User-Agent"] == "OTel-OTLP-Exporter-Swift/\(Build.version) HedgehogDB/\(Build.version)")
        #expect(request.body.first == 0x0A)
        #expect(run.byLabel("hedgehog_tracing_export_bytes_total{encoding=\"") == ["identity": request.body.count])
        #expect(run.metric("hedgehog_tracing_export_duration_seconds_count") == 1)
        #expect(try run.logged.isEmpty)
    }

    @Test("JSON, gzip and headers follow the environment variables")
    func forms() throws {
        let json = try ExportRun([.answer(200)], [
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json", "OTEL_EXPORTER_OTLP_HEADERS": "X-Tenant=a%20b",
        ])
        json.end(2, [SpanAttribute("key", .text("value"))])
        json.settle()
        let request = try #require(json.requests.first)
        #expect(request["Content-Type"] == "application/json" && request["X-Tenant"] == "a b")
        let body = try JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any]
        #expect((body?["resourceSpans"] as? [Any])?.count == 1)
        let packed = try ExportRun([.answer(200)], ["OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"])
        packed.end(100)
        packed.settle()
        let gzip = try #require(packed.requests.first)
        #expect(gzip["Content-Encoding"] == "gzip" && gzip.body.starts(with: [0x1F, 0x8B]))
        #expect(packed.byLabel("hedgehog_tracing_export_bytes_total{encoding=\"") == ["gzip": gzip.body.count])
    }

    @Test("The collector may have a host name, and one connection is used for all batches")
    func localhost() throws {
        let run = try ExportRun([.answer(200)], ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:PORT"])
        for count in 1...3 {
            run.end()
            run.run("batch \(count) is exported") { run.exported == count }
        }
        #expect(run.collector?.connectionCount == 1 && run.requests.count == 3)
    }

    @Test("A response that asks for a retry is retried after the requested wait, and no span is dropped", arguments: [
        (429, ["Retry-After: 0"]), (503, ["Retry-After: 0"]), (502, ["Retry-After: 0"]), (504, ["Retry-After: 0"]),
        (503, ["Retry-After: Sun, 06 Nov 1994 08:49:37 GMT"]),
    ])
    func later(status: Int, fields: [String]) throws {
        let run = try ExportRun([.answer(status, fields: fields), .answer(status, fields: fields), .answer(200)])
        run.end(2)
        run.settle()
        #expect(run.exported == 2 && run.drops.isEmpty && run.attempts == ["retry": 2, "success": 1])
        #expect(Set(run.requests.map(\.body)).count == 1)
        let lines = try run.logged
        #expect(lines.count == 1 && (lines.first?["reason"] as? String)?.contains("\(status)") == true)
    }

    @Test("Without Retry-After the first backoff is about a second")
    func backoff() throws {
        let run = try ExportRun([.answer(503), .answer(200)])
        let start = EventLoop.monotonicNanoseconds()
        run.end()
        run.settle()
        let milliseconds = (EventLoop.monotonicNanoseconds() - start) / 1_000_000
        #expect(run.exported == 1 && 790...5_000 ~= milliseconds, "\(milliseconds) ms")
    }

    @Test("A batch is retried if the connection closes without a response")
    func disconnect() throws {
        let run = try ExportRun([.disconnect, .answer(200)])
        run.end()
        run.settle()
        #expect(run.exported == 1 && run.drops.isEmpty && run.attempts == ["retry": 1, "success": 1])
    }

    @Test("Any other response drops the batch at once, and the next batch is sent", arguments: [
        301, 400, 401, 404, 413, 500, 501,
    ])
    func never(status: Int) throws {
        let run = try ExportRun([.answer(status, fields: ["Retry-After: 1"]), .answer(200)])
        run.end(2)
        run.settle()
        #expect(run.drops == ["export_failed": 2] && run.attempts == ["failure": 1])
        run.end()
        run.settle()
        #expect(run.exported == 1 && run.requests.count == 2)
    }

    @Test("Spans that the collector rejects are counted, its message is logged, and nothing is sent again")
    func rejected() throws {
        let run = try ExportRun([.answer(200, body: Self.partial(2, "too old"))])
        run.end(5)
        run.settle()
        #expect(run.exported == 3 && run.drops == ["rejected": 2] && run.requests.count == 1)
        let lines = try run.logged
        #expect(lines.count == 1 && lines.first?["message"] as? String == "too old")
        #expect(lines.first?["rejected"] as? Int == 2)
    }

    @Test("A partial success in JSON may have the number as text or as a number", arguments: [#""3""#, "3"])
    func rejectedJSON(number: String) throws {
        let body = Array(#"{"partialSuccess":{"rejectedSpans":\#(number),"errorMessage":"no"}}"#.utf8)
        let run = try ExportRun([.answer(200, fields: ["Content-Type: application/json"], body: body)], [
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
        ])
        run.end(4)
        run.settle()
        #expect(run.exported == 1 && run.drops == ["rejected": 3])
    }

    @Test("An empty partial success or an unreadable body is success", arguments: [
        [0x0A, 0x00], Array("<html>".utf8), [0xFF],
    ] as [[UInt8]])
    func success(body: [UInt8]) throws {
        let run = try ExportRun([.answer(200, body: body)])
        run.end()
        run.settle()
        #expect(run.exported == 1 && run.drops.isEmpty)
        #expect(try run.logged.isEmpty)
    }

    @Test("A collector cannot reject more spans than were sent")
    func rejectsTooMany() throws {
        let run = try ExportRun([.answer(200, body: Self.partial(100, ""))])
        run.end(5)
        run.settle()
        #expect(run.exported == 0 && run.drops == ["rejected": 5])
    }

    @Test("A response of more than 4 MiB drops the batch")
    func longAnswer() throws {
        let run = try ExportRun([.answer(200, body: Array(repeating: 0, count: ExportLimits.responseBytes + 1))])
        run.end()
        run.settle()
        #expect(run.drops == ["export_failed": 1] && run.attempts == ["failure": 1])
    }

    @Test("A batch is dropped if the collector does not respond within the timeout")
    func silence() throws {
        let run = try ExportRun([.silence], ["OTEL_EXPORTER_OTLP_TIMEOUT": "50"])
        run.end()
        run.settle()
        #expect(run.drops == ["export_failed": 1] && run.attempts == ["failure": 1])
    }

    @Test("While a collector does not respond, the queue fills to its limit, and further spans are dropped and counted")
    func bounded() throws {
        let run = try ExportRun([.silence], [
            "OTEL_BSP_MAX_QUEUE_SIZE": "20", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "5",
        ])
        run.end(5)
        run.run("a batch is being sent") { run.requests.count == 1 }
        run.end(1_000)
        #expect(run.metric("hedgehog_tracing_queue_size") == 20 && run.metric("hedgehog_tracing_queue_capacity") == 20)
        #expect(run.drops == ["queue_full": 980] && run.requests.count == 1)
        _ = run.flush(withinMilliseconds: 20)
        #expect(run.drops == ["queue_full": 980, "shutdown": 25] && run.exported == 0)
    }

    @Test("A collector that is too slow gives one log line, with the number of dropped spans")
    func tooSlow() throws {
        let run = try ExportRun([.answer(200)], [
            "OTEL_BSP_MAX_QUEUE_SIZE": "10", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "10",
        ])
        run.end(25)
        run.settle()
        #expect(run.drops == ["queue_full": 15] && run.exported == 10)
        let lines = try run.logged
        #expect(lines.count == 1 && lines.first?["spans_lost"] as? Int == 15)
    }

    @Test("Without a collector, batches are retried until their time limit, and one log line says so")
    func absent() throws {
        let run = try ExportRun(nil, ["OTEL_BSP_EXPORT_TIMEOUT": "1500"])
        run.end(3)
        run.settle()
        #expect(run.drops == ["export_failed": 3] && run.attempts["failure"] == 1 && run.attempts["retry"] ?? 0 >= 1)
        let lines = try run.logged
        #expect(lines.count == 1 && lines.first?["level"] as? String == "warn")
        #expect(lines.first?["reason"] as? String == "connection refused; nothing listens on that port")
    }

    @Test("On standard output a batch is one line of OTLP JSON")
    func console() throws {
        let run = try ExportRun(nil, ["OTEL_TRACES_EXPORTER": "console"])
        run.end(2)
        run.settle()
        #expect(run.exported == 2)
        let lines = try run.logged
        #expect(lines.count == 1 && lines.first?["resourceSpans"] != nil)
    }

    @Test("Without an export, spans are still stored and none counts as dropped")
    func nowhere() throws {
        let run = try ExportRun(nil, ["OTEL_TRACES_EXPORTER": "none"])
        run.end(2)
        #expect(run.tracing.recent.count == 2 && run.drops.isEmpty)
        #expect(run.metric("hedgehog_tracing_spans_ended_total") == 2)
        #expect(run.metric("hedgehog_tracing_queue_capacity") == 0)
        #expect(run.flush(withinMilliseconds: 5_000) < 1_000)
    }
}

@Suite struct SpanFlushTests {
    @Test("Closing sends all queued batches, and spans that end later are dropped")
    func flush() throws {
        let run = try ExportRun([.answer(200)], [
            "OTEL_BSP_SCHEDULE_DELAY": "3600000", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "4",
        ])
        run.end(3)
        run.end(7)
        #expect(run.flush(withinMilliseconds: 10_000) < 9_000)
        #expect(run.exported == 10 && run.requests.count == 3)
        run.end()
        #expect(run.drops == ["shutdown": 1])
    }

    @Test("A missing collector does not delay closing")
    func absent() throws {
        let run = try ExportRun(nil, ["OTEL_BSP_SCHEDULE_DELAY": "3600000", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "4"])
        run.end(3)
        #expect(run.flush(withinMilliseconds: 10_000) < 5_000)
        #expect(run.drops == ["export_failed": 3] && run.attempts == ["failure": 1])
    }

    @Test("A collector that does not respond delays closing no longer than the time limit")
    func silent() throws {
        let run = try ExportRun([.silence], ["OTEL_BSP_SCHEDULE_DELAY": "3600000"])
        run.end(3)
        // The time limit counts from the loop's clock, which is as old as the loop's last iteration.
        let took = run.flush(withinMilliseconds: 100)
        #expect(took < 5_000 && run.exported == 0)
        #expect(run.drops.values.reduce(0, +) == 3)
    }

    @Test("Closing sends a batch that waits for a retry once more")
    func pausing() throws {
        let run = try ExportRun([.answer(503, fields: ["Retry-After: 20"]), .answer(200)])
        run.end(2)
        run.run("an attempt has failed") { run.attempts == ["retry": 1] }
        #expect(run.flush(withinMilliseconds: 10_000) < 9_000)
        #expect(run.exported == 2 && run.drops.isEmpty)
    }

    @Test("Closing at once drops the batch that is being sent")
    func closing() throws {
        let run = try ExportRun([.silence])
        run.end(2)
        run.run("a batch is being sent") { run.requests.count == 1 }
        var isDone = false
        run.tracing.flushAndClose(withinMilliseconds: 3_600_000) { isDone = true }
        run.tracing.close()
        run.run("the export is closed") { isDone }
        #expect(run.drops == ["shutdown": 2])
    }
}

@Suite struct RetryAfterTests {
    @Test("Retry-After is a number of seconds or a date; anything else is ignored", arguments: [
        ("0", 0), ("120", 120_000), ("99999999999999999999999", UInt64.max),
        ("Sun, 06 Nov 1994 08:49:38 GMT", 1_000), ("Sun, 06 Nov 1994 08:49:36 GMT", 0),
        ("Mon, 07 Nov 1994 08:49:37 GMT", 86_400_000), ("", nil), ("-1", nil), ("+1", nil), ("1.5", nil),
        ("soon", nil), ("Sun, 06 Nov 1994 08:49:38", nil), ("Sun, 31 Feb 1994 08:49:38 GMT", nil),
    ] as [(String, UInt64?)])
    func table(text: String, expected: UInt64?) {
        #expect(RetryAfter(text, nowMilliseconds: 784_111_777_000)?.milliseconds == expected)
    }
}
