import Foundation
@testable import Observability
import Testing

/// Writes the samples where OTLP_SAMPLES says, for `scripts/check-otlp`, which has another decoder read them.
@Suite struct OTLPSampleTests {
    @Test("Both encodings write the samples down for a foreign decoder")
    func samples() throws {
        let protobuf = SpanForm.protobuf.request(
            SpanSamples.encoded(SpanSamples.all, as: .protobuf), of: SpanSamples.resource)
        let json = SpanForm.json.request(SpanSamples.encoded(SpanSamples.all, as: .json), of: SpanSamples.resource)
        #expect(protobuf.first == 0x0A && json.first == UInt8(ascii: "{"))
        guard let folder = ProcessInfo.processInfo.environment["OTLP_SAMPLES"] else { return }
        try Data(protobuf).write(to: URL(filePath: folder + "/request.bin"))
        try Data(json).write(to: URL(filePath: folder + "/request.json"))
    }
}
