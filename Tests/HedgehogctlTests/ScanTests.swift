@testable import hedgehogctl
import Testing

private func members(_ text: String) -> JSONMembers {
    JSONMembers(Array(text.utf8)[...])
}

private func string(_ bytes: some Collection<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self)
}

@Suite struct JSONMembersTests {
    @Test("A member's value is the original bytes of the text", arguments: [
        (#"{"item":{"a":1}}"#, #"{"a":1}"#), (#"{"key":"item","item":1e999}"#, "1e999"),
        (#"{ "x" : [ {"item":0} ] , "item" : "a\"}],b" }"#, #""a\"}],b""#), (#"{"item":"\\","x":1}"#, #""\\""#),
        (#"{"x":"\\\"","item":[[],{}]}"#, "[[],{}]"),
        (#"{"key":"k","item":{ "b" : "}" , "a":[1, 2] } }"#, #"{ "b" : "}" , "a":[1, 2] }"#),
        (#"{"item":12345678901234567890}"#, "12345678901234567890"), (#"{"item":true,"item":false}"#, "true"),
        (#"{"item":null}"#, "null"), ("\n{\t\"item\"\r\n:\n{}}", "{}"), (#"{"item":-0.10}"#, "-0.10"),
        (#"{"i\u0074em":1,"item":2}"#, "2"), (#"{"key":"item"}"#, nil), (#"{"x":{"item":1}}"#, nil),
        ("{}", nil), ("", nil), ("[1]", nil),
        (#"{"item""#, nil), (#"{"item":"#, nil), (#"{"item":{"a":1"#, nil), (#"{"item":"abc"#, nil),
        (#"{"item":}"#, nil),
        (#"{"x":1 "item":2}"#, nil), ("}{", nil), ("{{{{", nil), (#"{"item" 1}"#, nil),
    ] as [(String, String?)])
    func lookUp(text: String, expected: String?) {
        #expect(members(text)["item"].map { string($0) } == expected)
    }

    @Test("Text cut at any byte gives the complete value or nil")
    func cuts() {
        let text = #"{"key":"a\\\"b","item":{"a":[1,"}"],"b":null}}"#
        let value = #"{"a":[1,"}"],"b":null}"#
        for end in 0...text.utf8.count {
            let found = JSONMembers(Array(text.utf8)[..<end])["item"].map { string($0) }
            #expect(found == nil || found == value)
        }
        #expect(members(text)["item"].map { string($0) } == value)
    }
}

@Suite struct ScanAnswerTests {
    private func parts(_ chunks: [[UInt8]]) throws -> (entries: [String], answer: ScanAnswer) {
        var answer = ScanAnswer()
        var entries: [String] = []
        for chunk in chunks { try answer.take(chunk) { entries.append(string($0)) } }
        return (entries, answer)
    }

    private static let pages: [(text: String, entries: [String], envelope: String)] = [
        ("{\"items\":[],\"count\":0}\n", [], #"{"items":[],"count":0}"#),
        (
            #"{"items":[{"key":"a]","item":{"x":[1,{"y":"}"}]}},{"key":"\"b\\"}],"count":2,"next":"1[a"}"#,
            [#"{"key":"a]","item":{"x":[1,{"y":"}"}]}}"#, #"{"key":"\"b\\"}"#],
            #"{"items":[],"count":2,"next":"1[a"}"#
        ),
        (
            #"{"count":1,"notes":[{"items":1}],"items": [ {"key":"a"} , {"key":"b"} ] }"#,
            [#"{"key":"a"}"#, #"{"key":"b"}"#], #"{"count":1,"notes":[{"items":1}],"items": [] }"#
        ),
        (
            #"{"count":1,"name":"\"items\":[","items":[{"key":"a"}]}"#, [#"{"key":"a"}"#],
            #"{"count":1,"name":"\"items\":[","items":[]}"#
        ),
    ]

    @Test("Entries are the bytes that were sent, however the answer is split", arguments: pages)
    func entries(text: String, entries: [String], envelope: String) throws {
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count {
            let (found, answer) = try parts([Array(bytes[..<cut]), Array(bytes[cut...])])
            #expect(found == entries)
            #expect(answer.isComplete)
            #expect(string(answer.envelope).split(separator: "\n").joined() == envelope)
        }
        let (found, _) = try parts(bytes.map { [$0] })
        #expect(found == entries)
    }

    @Test("A truncated page is not complete")
    func incomplete() throws {
        let bytes = Array(Self.pages[1].text.utf8)
        for end in 0..<bytes.count {
            #expect(try !parts([Array(bytes[..<end])]).answer.isComplete)
        }
    }

    @Test("The size of the envelope is bounded")
    func envelopeBound() {
        let long = Array((#"{"x":""# + String(repeating: "a", count: ControlLimits.envelopeBytes)).utf8)
        #expect(throws: ControlFailure.self) { try parts([long]) }
    }

    @Test("An error thrown by the entry callback is rethrown")
    func entryError() {
        var answer = ScanAnswer()
        #expect(throws: ControlFailure.outputClosed) {
            try answer.take(Array(#"{"items":[{"key":"a"}]}"#.utf8)) { _ in throw ControlFailure.outputClosed }
        }
    }

    @Test("A line is key, tab, item, or the key alone", arguments: [
        (#"{"key":"a b","item":{"n" : 1.0}}"#, "a b\t{\"n\" : 1.0}\n"), (#"{"key":"a"}"#, "a\n"),
        (#"{"key":"\u001b\t\u00e9"}"#, "\"\\u001b\\u0009é\"\n"),
    ])
    func lines(entry: String, expected: String) throws {
        #expect(string(try ScanLine(entry: Array(entry.utf8)[...]).bytes) == expected)
    }
}
