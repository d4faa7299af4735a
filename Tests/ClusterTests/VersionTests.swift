import Base
import Cluster
import Testing

@Suite struct VersionTests {
    private func version(_ clock: UInt64, _ writeID: UInt64) -> Version {
        Version(clock: HybridTimestamp(rawValue: clock), writeID: writeID)
    }

    @Test("The encoded 16 bytes of versions compare in the order of the versions")
    func bytesCompareAsVersions() {
        let ascending = [version(0, 9), version(1, 0), version(1, 1), version(256, 0), version(.max, .max)]
        let encoded = ascending.map { version in
            var bytes: [UInt8] = []
            version.append(to: &bytes)
            return bytes
        }
        #expect(encoded.allSatisfy { $0.count == Version.byteCount })
        for (lower, upper) in zip(encoded, encoded.dropFirst()) {
            #expect(lower.lexicographicallyPrecedes(upper))
        }
        #expect(encoded.map { Version(bytes: $0.span) } == ascending)
    }

    @Test("Fifteen bytes do not decode to a version")
    func tooShort() {
        #expect(Version(bytes: [UInt8](repeating: 0, count: 15).span) == nil)
    }

    @Test("The hexadecimal digits are the clock, then the write id")
    func hexDigits() {
        var bytes: [UInt8] = []
        version(0xAB, 0xCD).appendHex(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "00000000000000ab00000000000000cd")
    }
}
