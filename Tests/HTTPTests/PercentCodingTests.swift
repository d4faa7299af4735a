import HTTP
import Testing

@Suite struct PercentCodingTests {
    @Test("Every byte survives encoding and decoding")
    func roundTrip() throws {
        for byte in UInt8.min...UInt8.max {
            var encoded: [UInt8] = []
            encoded.appendPercentEncoded([byte].span)
            #expect(encoded.allSatisfy { $0 > 0x20 && $0 < 0x7F })
            #expect(try percentDecode(encoded.span) == [byte])
            #expect(try percentDecode(bytes("%" + hexadecimal(byte)).span) == [byte])
            #expect(try percentDecode(bytes("%" + hexadecimal(byte).uppercased()).span) == [byte])
        }
    }

    private func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    @Test("All bytes but letters, digits and -._~ are percent-encoded", arguments: [
        ("azAZ09-._~", "azAZ09-._~"), ("a/b?c#d&e", "a%2Fb%3Fc%23d%26e"), (" +%", "%20%2B%25"), ("é", "%C3%A9"),
        ("", ""), ("`{|}[@", "%60%7B%7C%7D%5B%40"),
    ])
    func encoding(plain: String, encoded: String) {
        var result = bytes("-> ")
        result.appendPercentEncoded(bytes(plain).span)
        #expect(text(result) == "-> " + encoded)
    }

    @Test("Text is decoded once, and a plus sign stays a plus sign", arguments: [
        ("", ""), ("abc", "abc"), ("a%2Fb", "a/b"), ("a+b", "a+b"), ("%2525", "%25"), ("%41%6a%6B", "Ajk"),
        ("%E2%82%AC", "€"), ("%", nil), ("a%", nil), ("%4", nil), ("%4g", nil), ("%g4", nil), ("%%41", nil),
        ("%u0041", nil), ("% 41", nil), ("%-1", nil), ("%+1", nil), ("%0x", nil),
    ] as [(String, String?)])
    func decoding(encoded: String, expected: String?) {
        let decoded = try? percentDecode(bytes(encoded).span)
        #expect(decoded.map(text) == expected)
    }

    @Test("An error gives the offset")
    func errors() {
        #expect(throws: PercentError.malformed(offset: 4)) { try percentDecode(bytes("a%20%2").span) }
    }
}
