import Base
import Testing

@Suite struct HexTests {
    @Test("A number survives conversion to 16 lowercase digits and back", arguments: [0, 1, 0xDEAD_BEEF, UInt64.max])
    func roundTrip(value: UInt64) {
        #expect(UInt64(lowercaseHex: Array(value.hex.utf8).span) == value)
    }

    @Test("Any number of last digits can be written, with every digit at every position", arguments: 0..<16)
    func digits(digit: Int) {
        let value = UInt64(digit) * 0x1111_1111_1111_1111
        for count in 0...16 {
            var text: [UInt8] = [UInt8(ascii: "<")]
            text.appendHex(value, digitCount: count)
            text.append(addingCapacity: count) { $0.appendHex(value, digitCount: count) }
            let digits = String(repeating: String(digit, radix: 16), count: count)
            #expect(String(decoding: text, as: UTF8.self) == "<" + digits + digits)
        }
        var text: [UInt8] = []
        text.appendHex(0x0123_4567_89AB_CDEF, digitCount: 9)
        #expect(String(decoding: text, as: UTF8.self) == "789abcdef")
    }

    @Test("Digits keep their order, and a UUID has its dashes")
    func order() {
        let (high, low) = (0x0123_4567_89AB_CDEF as UInt64, 0xFEDC_BA98_7654_3210 as UInt64)
        var text: [UInt8] = []
        text.append(addingCapacity: 68) {
            $0.appendHex(high)
            $0.appendHex(low)
            $0.appendUUID(high: high, low: low)
        }
        #expect(String(decoding: text, as: UTF8.self)
            == "0123456789abcdeffedcba987654321001234567-89ab-cdef-fedc-ba9876543210")
    }

    @Test("Anything but sixteen lowercase digits gives nil", arguments: [
        "", "0", "000000000000000G", "ABCDEF0000000000", "00000000000000000",
    ])
    func refusals(text: String) {
        #expect(UInt64(lowercaseHex: Array(text.utf8).span) == nil)
    }
}
