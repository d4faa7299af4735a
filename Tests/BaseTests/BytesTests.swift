import Base
import Testing

@Suite struct BytesTests {
    @Test("Integers are written in big-endian order and read back at any offset")
    func bigEndian() {
        var bytes: [UInt8] = [0xAA]
        bytes.appendBigEndian(UInt16(0x0102))
        bytes.appendBigEndian(UInt32(0x0304_0506))
        bytes.appendBigEndian(UInt64(0x0708_090A_0B0C_0D0E))
        #expect(bytes == [0xAA] + Array(1...14))
        #expect(bytes.span.bigEndian(at: 1, as: UInt16.self) == 0x0102)
        #expect(bytes.span.bigEndian(at: 3, as: UInt32.self) == 0x0304_0506)
        #expect(bytes.span.bigEndian(at: 7, as: UInt64.self) == 0x0708_090A_0B0C_0D0E)
    }

    @Test("An integer that reaches beyond either end gives nil", arguments: [-1, 1, 8, Int.max, Int.min])
    func outside(offset: Int) {
        #expect([UInt8](repeating: 0, count: 8).span.bigEndian(at: offset, as: UInt64.self) == nil)
    }

    @Test("A reader returns nil for more bytes than are left, and consumes none of them")
    func reader() {
        var reader = ByteReader([0, 5, 1, 2, 3])
        #expect(reader.integer(UInt16.self) == 5)
        #expect(reader.take(4) == nil)
        #expect(reader.take(-1) == nil)
        #expect(reader.take(3) == [1, 2, 3])
        #expect(reader.isAtEnd)
        #expect(reader.integer(UInt8.self) == nil)
        #expect(reader.take(0) == [])
    }

    @Test("Invalid UTF-8 is replaced when bytes are converted to text")
    func repaired() {
        #expect(String(repairing: [0x61, 0xC3, 0x28].span) == "a\u{FFFD}(")
    }
}
