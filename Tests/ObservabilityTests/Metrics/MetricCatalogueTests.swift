@testable import Observability
import Testing

@Suite struct MetricCatalogueTests {
    @Test("Names follow the rules of promtool and OpenMetrics", arguments: MetricFamily.catalogue)
    func names(family: MetricFamily) {
        #expect(family.name.hasPrefix("hedgehog_") || family.name.hasPrefix("process_"))
        #expect(family.name.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789_".utf8.contains($0) })
        #expect((family.kind == .counter) == family.name.hasSuffix("_total"))
        #expect(!["_count", "_sum", "_bucket", "_info_total"].contains { family.name.hasSuffix($0) })
        #expect(!family.name.contains("milli") && !family.name.contains("_ms"))
        #expect(family.help.hasSuffix("."))
        #expect(!family.labels.contains("le") && Set(family.labels).count == family.labels.count)
        if case .seconds = family.unit { #expect(family.name.contains("_seconds")) }
        #expect(zip(family.bounds, family.bounds.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test("The first metrics never change their names, labels and buckets")
    func contract() {
        #expect(MetricFamily.httpRequests.name == "hedgehog_http_requests_total")
        #expect(MetricFamily.httpRequests.labels == ["method", "operation", "status", "table"])
        #expect(MetricFamily.httpRequestDuration.name == "hedgehog_http_request_duration_seconds")
        #expect(MetricFamily.httpRequestDuration.labels == MetricFamily.httpRequests.labels)
        #expect(MetricFamily.itemOperations.labels == ["operation", "result", "table"])
        let spelled = MetricFamily.httpRequestDuration.bounds.map {
            String(decoding: TextFormat.bound($0, unit: .seconds), as: UTF8.self)
        }
        #expect(spelled == [
            "0.001", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0",
        ])
    }
}
