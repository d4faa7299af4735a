import Base
import Testing

@Suite struct DecimalTests {
    static let values: [UInt64] = [
        0, 1, 9, 10, 11, 99, 100, 101, 199, 200, 999, 1_000, 1_001, 9_999, 10_000, 99_999, 100_000, 999_999, 1_000_000,
        12_345_678, 99_999_999, 100_000_000, 4_294_967_296, 1_000_000_000_000, 9_223_372_036_854_775_808, .max,
    ]

    @Test("A number is written as the standard library writes it, with the requested leading zeros")
    func unsigned() {
        for value in Array(0...1_100) + Self.values {
            for minimumDigits in 1...20 {
                let digits = String(value)
                let expected = String(repeating: "0", count: max(0, minimumDigits - digits.count)) + digits
                #expect(array { $0.appendDecimal(value, minimumDigits: minimumDigits) } == expected)
                #expect(reserved { $0.appendDecimal(value, minimumDigits: minimumDigits) } == expected)
            }
        }
    }

    @Test("A negative number has a minus sign", arguments: [0, 1, -1, -9, -10, -999, -1_000, .max, .min] as [Int])
    func signed(value: Int) {
        #expect(array { $0.appendDecimal(value) } == String(value))
        #expect(reserved { $0.appendDecimal(value) } == String(value))
        let half = Int32(truncatingIfNeeded: value)
        #expect(array { $0.appendDecimal(half) } == String(half))
    }

    @Test("Reserving exactly the digits of a number is enough", arguments: values)
    func exactRoom(value: UInt64) {
        var bytes: [UInt8] = []
        bytes.append(addingCapacity: String(value).count) { $0.appendDecimal(value) }
        #expect(String(decoding: bytes, as: UTF8.self) == String(value))
    }

    private func array(_ write: (inout [UInt8]) -> Void) -> String {
        var bytes = Array("<".utf8)
        write(&bytes)
        return String(decoding: bytes.dropFirst(), as: UTF8.self)
    }

    private func reserved(_ write: (inout OutputSpan<UInt8>) -> Void) -> String {
        var bytes = Array("<".utf8)
        bytes.append(addingCapacity: 64, initializingWith: write)
        return String(decoding: bytes.dropFirst(), as: UTF8.self)
    }
}
