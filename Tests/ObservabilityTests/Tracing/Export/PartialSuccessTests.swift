@testable import Observability
import Testing

@Suite struct PartialSuccessTests {
    static let cases: [(String, [UInt8], PartialSuccess?)] = [
        ("an empty body", [], PartialSuccess()),
        ("an empty partial success, as Tempo sends it", [0x0A, 0x00], PartialSuccess()),
        ("rejected spans", [0x0A, 0x02, 0x08, 0x03], PartialSuccess(rejectedSpans: 3)),
        ("a message without rejected spans", [0x0A, 0x04, 0x12, 0x02, 0x68, 0x69], PartialSuccess(message: "hi")),
        ("both", [0x0A, 0x06, 0x08, 0x03, 0x12, 0x02, 0x68, 0x69], PartialSuccess(rejectedSpans: 3, message: "hi")),
        (
            "unknown fields of every type",
            [0x10, 0x01, 0x1D, 1, 2, 3, 4, 0x21, 1, 2, 3, 4, 5, 6, 7, 8, 0x2A, 0x01, 0x00, 0x0A, 0x02, 0x08, 0x02],
            PartialSuccess(rejectedSpans: 2)
        ),
        ("invalid UTF-8 is repaired", [0x0A, 0x03, 0x12, 0x01, 0xFF], PartialSuccess(message: "\u{FFFD}")),
        ("cut off in a length", [0x0A], nil),
        ("cut off in a message", [0x0A, 0x05, 0x08], nil),
        ("cut off in a number", [0x0A, 0x02, 0x08, 0x80], nil),
        ("a field without a number", [0x00, 0x00], nil),
        ("a group, which is deprecated", [0x0B], nil),
        ("a length above the body's", [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], nil),
        ("a number without an end", [0x08] + Array(repeating: 0xFF, count: 11), nil),
        ("text", Array("<html>".utf8), nil),
    ]

    @Test("A response in Protocol Buffers is parsed or refused", arguments: cases)
    func answers(name: String, bytes: [UInt8], expected: PartialSuccess?) {
        #expect(PartialSuccess(protobuf: bytes) == expected, "\(name)")
    }
}
