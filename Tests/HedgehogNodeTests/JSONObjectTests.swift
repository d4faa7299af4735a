import Testing

@testable import HedgehogNode

@Suite struct JSONObjectTests {
    private func check(_ text: String) throws -> String {
        String(decoding: try JSONObject.check(Array(text.utf8)), as: UTF8.self)
    }

    @Test("An object is returned byte for byte", arguments: [
        "{}", #"{"a":1}"#, #"{"big":1234567890123456789012345678901234567890}"#, #"{"e":1.50e+3,"z":-0.0}"#,
        #"{"most":1.7976931348623157e308,"least":5e-324,"none":1e-400}"#,
        #"{"escape":"\u00e4\/\ud83e\udd94"}"#, "{\"hangul\":\"\u{D55C}\u{D7FF}\"}", #"{"a":1,"a":2}"#,
        "{ \"a\" :\t[ 1 , 2 ]\n}", "{\"raw\":\"ä🦔\"}",
    ])
    func kept(text: String) throws {
        #expect(try check(text) == text)
    }

    @Test("White space around the object is removed")
    func trimmed() throws {
        #expect(try check(" \r\n\t{\"a\": 1}\n ") == "{\"a\": 1}")
    }

    @Test("JSON of another type is refused", arguments: ["[]", "1", "null", "true", "\"text\"", "[{}]"])
    func notAnObject(text: String) {
        #expect(throws: JSONObject.Problem.notAnObject) { try check(text) }
    }

    @Test("An empty body is refused", arguments: ["", " ", "\n\t"])
    func empty(text: String) {
        #expect(throws: JSONObject.Problem.empty) { try check(text) }
    }

    @Test("Text that is not JSON is refused", arguments: [
        "{", "}", "{a:1}", "{'a':1}", #"{"a":1,}"#, #"{"a":01}"#, #"{"a":+1}"#, #"{"a":.5}"#, #"{"a":NaN}"#,
        #"{"a":Infinity}"#, "{} {}", "{}x", "{}\u{0}", #"{"a":1}"# + "\u{0}", "{\"a\":\"\u{1}\"}", "\u{FEFF}{}",
        "{} // no", #"{"a":"\x"}"#, #"{"a"}"#, "{}}", #"{"a":tru}"#,
    ])
    func syntax(text: String) {
        #expect(throws: JSONObject.Problem.self) { try check(text) }
    }

    @Test("Invalid UTF-8 and half surrogate pairs are reported as encoding errors", arguments: [
        [0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D],
        [0x7B, 0x22, 0xC0, 0xAF, 0x22, 0x3A, 0x31, 0x7D],
        [0x7B, 0x22, 0xED, 0xA0, 0x80, 0x22, 0x3A, 0x31, 0x7D],
        Array(#"{"\udd94":1}"#.utf8), Array(#"{"a":"x\udc00y"}"#.utf8),
        Array(#"{"a":"\ud83e"}"#.utf8), Array(#"{"a":"\ud83ex"}"#.utf8), Array(#"{"a":"\udd94"}"#.utf8),
    ] as [[UInt8]])
    func encoding(bytes: [UInt8]) {
        #expect {
            try JSONObject.check(bytes)
        } throws: {
            guard case .encoding? = $0 as? JSONObject.Problem else { return false }
            return true
        }
    }

    @Test("A number outside the range of a double is refused with that reason", arguments: [
        "1e309", "9e308", "-9e308", "1.8e308", "123456789012345678e308", String(repeating: "9", count: 41) + "e308",
        "0.0001e313", "-1e400", "1.5E+400", String(repeating: "9", count: 400),
    ])
    func numberTooBig(number: String) {
        #expect {
            try check("{\"n\":\(number)}")
        } throws: {
            guard case .numberTooBig? = $0 as? JSONObject.Problem else { return false }
            return true
        }
    }

    @Test("A hundred thousand levels are refused quickly and without recursion; 512 are accepted")
    func depth() throws {
        for open in ["[", #"{"a":"#] {
            let deep = #"{"a":"# + String(repeating: open, count: 100_000)
            #expect {
                try check(deep)
            } throws: {
                guard case .tooDeep? = $0 as? JSONObject.Problem else { return false }
                return true
            }
        }
        let allowed = String(repeating: #"{"a":"#, count: 511) + "{}" + String(repeating: "}", count: 511)
        #expect(try check(allowed) == allowed)
    }
}
