import HTTP
import Testing

@Suite struct ResponseEncodingTests {
    @Test("A response consists of its lines in order")
    func lines() {
        var response: [UInt8] = []
        response.appendStatusLine(.ok)
        response.appendField("Content-Type", "application/json")
        response.appendField("X-Request-ID", bytes("r-1").span)
        response.appendField("Retry-After", decimal: 1)
        response.appendContentLength(3)
        response.appendEndOfHead()
        response += bytes("{}␊")
        #expect(response == bytes("HTTP/1.1 200 OK↵Content-Type: application/json↵X-Request-ID: r-1↵Retry-After: 1↵"
            + "Content-Length: 3↵↵{}␊"))
    }

    static let statuses: [Status] = [
        .continue, .ok, .created, .noContent, .notModified, .badRequest, .notFound, .methodNotAllowed,
        .requestTimeout, .conflict, .lengthRequired, .contentTooLarge, .targetTooLong, .expectationFailed,
        .headTooLarge, .notImplemented, .serviceUnavailable, .versionNotSupported,
    ]

    @Test("Every status line has its own code and a phrase")
    func statusLines() {
        for status in Self.statuses {
            let words = "\(status.line)".split(separator: " ", maxSplits: 2)
            #expect(words.count == 3)
            #expect(words[0] == "HTTP/1.1")
            #expect(words[1] == "\(status.code)")
            #expect(words[2].hasSuffix("\r\n") && words[2].utf8.count > 3)
        }
        #expect(Set(Self.statuses.map(\.code)).count == Self.statuses.count)
    }

    @Test("Chunks begin with their size, and empty bytes append no chunk", arguments: [
        (0, ""), (1, "1"), (9, "9"), (10, "a"), (15, "f"), (16, "10"), (255, "ff"), (256, "100"), (4096, "1000"),
        (65_537, "10001"),
    ])
    func chunkSizes(count: Int, size: String) {
        var response: [UInt8] = []
        response.appendChunk([UInt8](repeating: 0x78, count: count).span)
        let expected = count == 0 ? "" : "\(size)↵\(String(repeating: "x", count: count))↵"
        #expect(response == bytes(expected))
    }

    @Test("A body written in chunks is parsed as the same bytes")
    func chunksReadBack() {
        var request = bytes("PUT / HTTP/1.1↵Host: h↵")
        request.appendChunkedEncoding()
        request.appendEndOfHead()
        for part in ["one ", "", "two and three ", String(repeating: "4", count: 300)] {
            request.appendChunk(bytes(part).span)
        }
        request.appendLastChunk()
        #expect(transcript(of: request) == [
            "PUT / keep-alive", "body: one two and three " + String(repeating: "4", count: 300), "complete",
        ])
    }

    @Test("Dates follow the calendar", arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"), (978_307_199, "Sun, 31 Dec 2000 23:59:59 GMT"),
        (978_307_200, "Mon, 01 Jan 2001 00:00:00 GMT"), (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"),
        (1_735_603_200, "Tue, 31 Dec 2024 00:00:00 GMT"), (1_764_547_199, "Sun, 30 Nov 2025 23:59:59 GMT"),
        (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        (13_574_563_200, "Tue, 29 Feb 2400 00:00:00 GMT"), (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
        (UInt64.max, "Fri, 31 Dec 9999 23:59:59 GMT"),
    ] as [(UInt64, String)])
    func dates(seconds: UInt64, expected: String) {
        var date: [UInt8] = []
        date.appendHTTPDate(secondsSince1970: seconds)
        #expect(text(date) == expected)
        #expect(UInt64(httpDate: date.span) == min(seconds, 253_402_300_799))
    }

    @Test("Text that is not a date of that format gives nil", arguments: [
        "", "0", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 6 Nov 1994 08:49:377 GMT",
        "Wed, 31 Dec 1969 23:59:59 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08-49-37 GMT", "Sun, 06 Nov 1994 0x:49:37 GMT",
    ])
    func noDates(text: String) {
        #expect(UInt64(httpDate: Array(text.utf8).span) == nil)
    }

    @Test("Days are consecutive for four hundred years")
    func calendar() {
        var previous = ""
        for day: UInt64 in 0..<146_097 {
            var date: [UInt8] = []
            date.appendHTTPDate(secondsSince1970: day * 86_400)
            let day = text(date[5..<7])
            #expect(day == "01" || Int(day) == (Int(previous) ?? 0) + 1)
            if day == "01" { #expect(["", "28", "29", "30", "31"].contains(previous)) }
            previous = day
        }
        #expect(previous == "31")
    }
}
