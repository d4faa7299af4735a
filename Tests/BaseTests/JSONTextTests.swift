import Base
import Testing

@Suite struct JSONTextTests {
    @Test("Strings are quoted, escaped and made valid UTF-8", arguments: [
        (Array("plain".utf8), #""plain""#),
        (Array("a\"b\\c".utf8), #""a\"b\\c""#),
        (Array("line\nreturn\rtab\t".utf8), #""line\nreturn\rtab\t""#),
        ([0x00, 0x1F, 0x7F], "\"\\u0000\\u001f\\u007f\""),
        ([0x61, 0xFF, 0x62], "\"a\u{FFFD}b\""),
        (Array("Ünïcode 🦔".utf8), "\"Ünïcode 🦔\""),
    ] as [([UInt8], String)])
    func quotes(text: [UInt8], expected: String) {
        var bytes: [UInt8] = []
        bytes.appendJSONString(text)
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }

    @Test("Decimals cover zero, negatives and the largest unsigned value")
    func decimals() {
        var bytes: [UInt8] = []
        for value in [0, 7, 10, -42] { bytes.appendDecimal(value) }
        bytes.appendDecimal(UInt64.max)
        #expect(String(decoding: bytes, as: UTF8.self) == "0710-4218446744073709551615")
    }
}
