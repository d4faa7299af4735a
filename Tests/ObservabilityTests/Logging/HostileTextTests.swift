import Observability
import Testing

/// One record is always one line, whatever text it contains.
@Suite struct HostileTextTests {
    static let long = String(repeating: "x", count: 600)

    /// In each case: the bytes of a User-Agent field, and its quoted form, which is the same in text and JSON logs.
    static let cases: [([UInt8], String)] = [
        (Array("two words".utf8), #""two words""#),
        (Array("a=b".utf8), #""a=b""#),
        (Array(#"say "hi""#.utf8), #""say \"hi\"""#),
        (Array(#"C:\temp"#.utf8), #""C:\\temp""#),
        (Array("a\r\nERROR forged".utf8), #""a\r\nERROR forged""#),
        (Array("\t".utf8), #""\t""#),
        ([0x00, 0x01, 0x1B, 0x7F], #""\u0000\u0001\u001b\u007f""#),
        (Array("a\u{85}b\u{9B}31m".utf8), #""a\u0085b\u009b31m""#),
        (Array("a\u{2028}b\u{2029}c".utf8), #""a\u2028b\u2029c""#),
        (Array("a\u{202E}b\u{2066}c\u{200F}\u{FEFF}".utf8), #""a\u202eb\u2066c\u200f\ufeff""#),
        (Array("Ünï 🦔".utf8), "\"Ünï 🦔\""),
        ([0x61, 0xFF, 0x62], #""a\ufffdb""#),
        ([0xC0, 0xAF], #""\ufffd\ufffd""#),
        ([0xF0, 0x9F, 0xA6], #""\ufffd""#),
        ([0xED, 0xA0, 0x80], #""\ufffd\ufffd\ufffd""#),
        (Array("x] [trace_id=1] request_id=2".utf8), #""x] [trace_id=1] request_id=2""#),
        (Array(#"","level":"error"#.utf8), #""\",\"level\":\"error""#),
        (Array(long.utf8), "\"" + long.prefix(256) + "...\""),
        (Array((long.prefix(255) + "é").utf8), "\"" + long.prefix(255) + "...\""),
        (Array((long.prefix(254) + "é").utf8), "\"" + long.prefix(254) + "é\""),
    ]

    @Test("Text from a client is escaped, cut, and cannot change other fields", arguments: cases)
    func userAgent(sent: [UInt8], quoted: String) throws {
        let record = try demoRecord(target: Array("/".utf8), userAgent: sent)
        #expect(line(record, .text).contains(" user_agent=\(quoted) [trace_id="))
        #expect(line(record, .json).hasSuffix(#","user_agent":\#(quoted)}"# + "\n"))
    }

    @Test("Every byte, alone and beside a line feed, gives one line")
    func everyByte() throws {
        for byte in 0...UInt8.max {
            for value in [[byte], [byte, 0x0A], [0x0A, byte], [0xC2, byte], [0xE2, 0x80, byte]] {
                var record = try demoRecord(target: value, userAgent: value)
                record.method = value[...]
                record.error = String(decoding: value, as: UTF8.self)
                record.table = String(decoding: value, as: UTF8.self)
                record.peer = String(decoding: value, as: UTF8.self)
                for format in LogFormat.allCases { #expect(isOneLine(line(record, format))) }
            }
        }
    }

    @Test("The memory reserved for a line is enough for the longest line")
    func longest() throws {
        let worst = [UInt8](repeating: 0xFF, count: 20_000)
        let text = String(repeating: "\u{1}", count: 20_000)
        var record = try demoRecord(target: worst, userAgent: worst)
        record.method = worst[...]
        (record.error, record.table, record.peer) = (text, text, text)
        record.route = "/api/v1/tables/{name}/items/{key}"
        (record.status, record.bytesIn, record.bytesOut) = (.min, .min, .min)
        (record.durationNanoseconds, record.wallNanoseconds) = (.max, .max)
        let id = [UInt8](repeating: 0x61, count: ObservabilityLimits.requestIDBytes)
        let requestID = RequestID(validating: id.span)
        record.requestID = try #require(requestID)
        record.spanID = SpanID(rawValue: .max)
        for format in LogFormat.allCases {
            let line = line(record, format)
            #expect(isOneLine(line) && line.utf8.count > 6 * 4_000)
        }
    }

    @Test("An event is one line, and no longer than the limits of its parts")
    func events() {
        let hostile = String(repeating: "\n\u{2028}\"\\", count: 5_000)
        let event = EventRecord(
            wallNanoseconds: 0, level: .error, message: hostile,
            fields: [LogField("a", .text(hostile)), LogField("b", .bytes(Array(hostile.utf8)))])
        for format in LogFormat.allCases {
            var bytes: [UInt8] = []
            var encoder = LogEncoder(format: format, nodeID: hostile)
            encoder.append(event, to: &bytes)
            #expect(isOneLine(String(decoding: bytes, as: UTF8.self)))
            #expect(bytes.count < 4 * 6 * 1_024 + 200)
        }
    }

    /// Whether the text is one line for all definitions of a line break.
    private func isOneLine(_ line: String) -> Bool {
        let breaks: [Unicode.Scalar] = [
            "\n", "\r", "\u{B}", "\u{C}", "\u{1C}", "\u{1D}", "\u{1E}", "\u{85}", "\u{2028}", "\u{2029}",
        ]
        return line.unicodeScalars.last == "\n" && line.unicodeScalars.dropLast().allSatisfy { !breaks.contains($0) }
    }

    private func line(_ record: AccessRecord, _ format: LogFormat) -> String {
        var bytes: [UInt8] = []
        var encoder = LogEncoder(format: format, nodeID: "node-1")
        encoder.append(record, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
