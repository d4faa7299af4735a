@testable import Observability
import Testing

/// Tests of the search for characters that a log line must escape. The encoder examines eight bytes at a time; the
/// tests compare it with a search byte by byte.
@Suite struct LogTextTests {
    @Test("Every byte at every position is escaped and quoted as in a search byte by byte", arguments: 1...21)
    func everyByte(count: Int) {
        for byte in 0...UInt8.max {
            for place in 0..<count {
                var text = [UInt8](repeating: UInt8(ascii: "a"), count: count)
                text[place] = byte
                let quoted = "\"\(escaped(byte, at: place, of: text.count))\""
                expect(written(text) { $0.appendQuoted($1) }, quoted)
                let word = isOfWord(byte) ? String(decoding: text, as: UTF8.self) : quoted
                expect(written(text) { $0.appendWord($1) }, word)
            }
        }
    }

    @Test("An empty word is quoted")
    func empty() {
        #expect(written([]) { $0.appendWord($1) } == "\"\"")
        #expect(written([]) { $0.appendQuoted($1) } == "\"\"")
    }

    private func isOfWord(_ byte: UInt8) -> Bool {
        0x21...0x7E ~= byte && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") && byte != UInt8(ascii: "=")
    }

    private func escaped(_ byte: UInt8, at place: Int, of count: Int) -> String {
        let escape = switch byte {
        case UInt8(ascii: "\""): "\\\""
        case UInt8(ascii: "\\"): "\\\\"
        case UInt8(ascii: "\n"): "\\n"
        case UInt8(ascii: "\r"): "\\r"
        case UInt8(ascii: "\t"): "\\t"
        case 0..<0x10: "\\u000" + String(byte, radix: 16)
        case 0x10..<0x20, 0x7F: "\\u00" + String(byte, radix: 16)
        case 0x80...: "\\ufffd"
        default: String(decoding: [byte], as: UTF8.self)
        }
        let plain = String(repeating: "a", count: count - 1)
        return plain.prefix(place) + escape + plain.dropFirst(place)
    }

    private func written(_ text: [UInt8], _ write: (inout OutputSpan<UInt8>, Span<UInt8>) -> Void) -> String {
        var bytes: [UInt8] = []
        bytes.append(addingCapacity: LogBound.text(text.count)) { write(&$0, text.span) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func expect(_ written: String, _ expected: String) {
        if written != expected { Issue.record("\(written) is not \(expected)") }
    }
}
