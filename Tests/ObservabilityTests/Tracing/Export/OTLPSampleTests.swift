import Foundation
@testable import Observability
import Testing

/// Writes the samples to the folder OTLP_SAMPLES for `scripts/check-otlp`, which reads them with the official decoder.
@Suite struct OTLPSampleTests {
    @Test("Both encodings of the samples are written for another decoder")
    func samples() throws {
        let protobuf = SpanEncoding.protobuf.request(
            SpanSamples.encoded(SpanSamples.all, as: .protobuf), of: SpanSamples.resource)
        let json = SpanEncoding.json.request(SpanSamples.encoded(SpanSamples.all, as: .json), of: SpanSamples.resource)
        #expect(protobuf.first == 0x0A && json.first == UInt8(ascii: "{"))
        guard let folder = ProcessInfo.processInfo.environment["OTLP_SAMPLES"] else { return }
        try Data(protobuf).write(to: URL(filePath: folder + "/request.bin"))
        try Data(json).write(to: URL(filePath: folder + "/request.json"))
    }
}
