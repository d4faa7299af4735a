import Base
import Testing

@Suite struct HexTests {
    @Test("Sixteen lowercase digits are a number and back", arguments: [0, 1, 0xDEAD_BEEF, UInt64.max])
    func roundTrip(value: UInt64) {
        #expect(UInt64(lowercaseHex: Array(value.hex.utf8).span) == value)
    }

    @Test("Anything else is not", arguments: ["", "0", "000000000000000G", "ABCDEF0000000000", "00000000000000000"])
    func refusals(text: String) {
        #expect(UInt64(lowercaseHex: Array(text.utf8).span) == nil)
    }
}
