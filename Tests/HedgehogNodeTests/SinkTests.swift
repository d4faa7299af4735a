import Foundation
import Observability
import Testing

@testable import HedgehogNode

private let sink = ProcessInfo.processInfo.environment["OTLP_SINK"]

/// Exports to `monitoring/tools/otlp-sink`, which `make check-otlp` starts.
/// The script then checks what the sink received.
@Suite(.enabled(if: sink != nil)) struct SinkTests {
    @Test("A collector with the official decoder accepts every encoding and compression", arguments: [
        "http/protobuf", "http/json",
    ], ["none", "gzip"])
    func forms(encoding: String, compression: String) throws {
        let run = try ExportRun(nil, [
            "OTEL_EXPORTER_OTLP_ENDPOINT": sink ?? "", "OTEL_EXPORTER_OTLP_PROTOCOL": encoding,
            "OTEL_EXPORTER_OTLP_COMPRESSION": compression,
        ])
        run.end(600, [SpanAttribute("form", .text("\(encoding) \(compression)"))])
        run.settle()
        #expect(run.exported == 600 && run.drops.isEmpty)
        #expect(try run.logged.isEmpty)
    }
}
