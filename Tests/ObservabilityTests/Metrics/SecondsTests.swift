@testable import Observability
import Testing

@Suite struct SecondsTests {
    @Test("Seconds are written as the shortest exact decimal", arguments: [
        (0, "0"), (1, "0.000000001"), (10, "0.00000001"), (1_000_000, "0.001"), (120_000_000, "0.12"),
        (999_999_999, "0.999999999"), (1_000_000_000, "1"), (1_500_000_000, "1.5"), (60_000_000_000, "60"),
        (1_795_529_106_123_456_789, "1795529106.123456789"), (.max, "18446744073.709551615"),
    ] as [(UInt64, String)])
    func seconds(nanoseconds: UInt64, expected: String) {
        var text: [UInt8] = []
        text.appendSeconds(nanoseconds: nanoseconds)
        #expect(String(decoding: text, as: UTF8.self) == expected)
    }

    @Test("Milliseconds are written with three decimals, rounded down", arguments: [
        (0, "0.000"), (999, "0.000"), (1_000, "0.001"), (1_234_567, "1.234"), (12_000_000_000, "12000.000"),
        (.max, "18446744073709.551"),
    ] as [(UInt64, String)])
    func milliseconds(nanoseconds: UInt64, expected: String) {
        var text: [UInt8] = []
        text.append(addingCapacity: 32) { $0.appendMilliseconds(nanoseconds: nanoseconds) }
        #expect(String(decoding: text, as: UTF8.self) == expected)
    }
}
