import HTTP
import Testing

/// Replaces one byte of a text by each of the 256 values, at each offset. The offsets matter because the parser
/// examines eight bytes at a time.
@Suite struct EveryByteTests {
    private static let places = 0..<20

    private func verdict(_ before: String, _ byte: UInt8, at place: Int, _ after: String) -> [String] {
        var middle = bytes(String(repeating: "a", count: Self.places.count))
        middle[place] = byte
        return transcript(of: bytes(before) + middle + bytes(after))
    }

    @Test("A field value may contain tabs and any byte that is not a control byte", arguments: places)
    func values(place: Int) {
        for byte in UInt8.min...UInt8.max where byte != 10 && byte != 13 {
            let lines = verdict("GET / HTTP/1.1↵Host: h↵X: ", byte, at: place, "↵↵")
            let isControl = byte < 0x20 && byte != 9 || byte == 0x7F
            #expect(lines == (isControl ? ["refused 400 controlByte(\(byte))"] : ["GET / keep-alive", "complete"]))
        }
    }

    @Test("A field name may contain token characters only", arguments: places)
    func names(place: Int) {
        let token = bytes("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        for byte in UInt8.min...UInt8.max where byte != UInt8(ascii: ":") {
            let lines = verdict("GET / HTTP/1.1↵Host: h↵", byte, at: place, ": y↵↵")
            #expect((lines.first == "GET / keep-alive") == token.contains(byte), "\(byte)")
        }
    }

    @Test("A target may contain visible ASCII except the number sign", arguments: places)
    func targets(place: Int) {
        for byte in UInt8.min...UInt8.max {
            let lines = verdict("GET /", byte, at: place, " HTTP/1.1↵Host: h↵↵")
            let isAllowed = byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "#")
            #expect((lines.last == "complete") == isAllowed, "\(byte)")
        }
    }

    @Test("A host may contain the characters of names and addresses only", arguments: places)
    func hosts(place: Int) {
        let allowed = bytes("-._~!$&'()*+;=%0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        // A space (32) or a tab (9) is skipped, because blanks at either end of a field value are not part of the
        // value.
        for byte in UInt8.min...UInt8.max where byte != 32 && byte != 9 {
            let lines = verdict("GET / HTTP/1.1↵Host: ", byte, at: place, "b:1↵↵")
            #expect((lines.last == "complete") == allowed.contains(byte), "\(byte)")
        }
    }
}
