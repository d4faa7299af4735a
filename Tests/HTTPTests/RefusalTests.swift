import HTTP
import Testing

@Suite struct RefusalTests {
    static let requestLineFaults: [Refusal.RequestLineFault] = [
        .notARequest(firstByte: 0x16), .tooManyEmptyLines(limit: 2), .malformedRequestLine, .malformedVersion,
        .unsupportedVersion, .malformedTarget, .byteInTarget(0xC3), .targetTooLong(limitBytes: 12_288),
    ]
    static let lineFaults: [Refusal.LineFault] = [.bareLineFeed, .controlByte(0)]
    static let fieldFaults: [Refusal.FieldFault] = [
        .foldedField, .malformedField, .tooManyFields(limit: 100), .headTooLarge(limitBytes: 16384), .missingHost,
        .repeatedHost, .emptyHost, .invalidHost, .unknownExpectation,
    ]
    static let framingFaults: [Refusal.FramingFault] = [
        .malformedContentLength, .repeatedContentLength, .lengthBesideCoding, .codingInHTTP10,
        .malformedTransferEncoding, .unknownTransferCoding, .lengthRequired, .bodyTooLarge(limitBytes: 1),
    ]
    static let chunkFaults: [Refusal.ChunkFault] = [
        .malformedChunkSize, .malformedChunkExtension, .chunkLineTooLong(limitBytes: 256),
        .chunkExtensionsTooLarge(limitBytes: 16384),
        .malformedChunkEnd,
    ]
    static let all = requestLineFaults.map(Refusal.requestLine) + lineFaults.map(Refusal.line)
        + fieldFaults.map(Refusal.field) + framingFaults.map(Refusal.framing) + chunkFaults.map(Refusal.chunk)

    @Test("Every refusal has a sentence of its own")
    func sentences() {
        #expect(Set(Self.all.map(\.explanation)).count == Self.all.count)
        #expect(Self.all.allSatisfy { $0.explanation.count > 20 })
        #expect(Refusal.requestLine(.notARequest(firstByte: 0x16)).explanation.contains("0x16"))
        #expect(Refusal.framing(.bodyTooLarge(limitBytes: 77)).explanation.contains("77"))
    }

    @Test("Every refusal has a client error status, or one for what the server does not implement")
    func statuses() {
        for refusal in Self.all {
            #expect([400, 411, 413, 414, 417, 431, 501, 505].contains(refusal.status.code))
        }
    }
}
