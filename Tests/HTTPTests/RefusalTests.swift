import HTTP
import Testing

@Suite struct RefusalTests {
    static let all: [Refusal] = [
        .notARequest(firstByte: 0x16), .tooManyEmptyLines(limit: 2), .bareLineFeed, .controlByte(0),
        .malformedRequestLine, .malformedVersion, .unsupportedVersion, .malformedTarget, .byteInTarget(0xC3),
        .targetTooLong(limitBytes: 8192), .foldedField, .malformedField, .tooManyFields(limit: 100),
        .headTooLarge(limitBytes: 16384), .missingHost, .repeatedHost, .invalidHost, .malformedContentLength,
        .repeatedContentLength, .lengthBesideCoding, .codingInHTTP10, .malformedTransferEncoding,
        .unknownTransferCoding, .unknownExpectation, .lengthRequired, .bodyTooLarge(limitBytes: 1),
        .malformedChunkSize, .chunkLineTooLong(limitBytes: 256), .chunkExtensionsTooLarge(limitBytes: 16384),
        .malformedChunkEnd,
    ]

    @Test("Every refusal has a sentence of its own")
    func sentences() {
        #expect(Set(Self.all.map(\.explanation)).count == Self.all.count)
        #expect(Self.all.allSatisfy { $0.explanation.count > 20 })
        #expect(Refusal.notARequest(firstByte: 0x16).explanation.contains("0x16"))
        #expect(Refusal.bodyTooLarge(limitBytes: 77).explanation.contains("77"))
    }

    @Test("Every refusal is an error of the client, or of what we do not have")
    func statuses() {
        for refusal in Self.all {
            #expect([400, 411, 413, 414, 417, 431, 501, 505].contains(refusal.status.code))
        }
    }
}
