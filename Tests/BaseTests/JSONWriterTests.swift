import Base
import Testing

@Suite struct JSONWriterTests {
    private func written(_ write: (inout JSONWriter) -> Void) -> String {
        var json = JSONWriter()
        write(&json)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test("Objects and arrays nest, with commas between values only")
    func nesting() {
        let text = written {
            $0.object {
                $0.member("empty") { $0.object { _ in } }
                $0.array("list", [1, 2]) { $0.number($1) }
                $0.member("rows") {
                    $0.array {
                        $0.array { _ in }
                        $0.object { $0.member("a", 1) }
                        $0.text("b")
                    }
                }
                $0.member("last", true)
            }
        }
        #expect(text == #"{"empty":{},"list":[1,2],"rows":[[],{"a":1},"b"],"last":true}"#)
    }

    @Test("Every kind of value")
    func values() {
        let text = written {
            $0.object {
                $0.member("text", "a\"\n")
                $0.member("bytes") { $0.text([0x61, 0xFF].span) }
                $0.member("negative", -5)
                $0.member("no", false)
                $0.member("nothing") { $0.null() }
                $0.member("big", decimalText: .max)
                $0.member("id") { $0.plain { $0.appendHex(0xAB, digitCount: 4) } }
                $0.member("document") { $0.raw { $0 += Array(#"{"x":1}"#.utf8) } }
            }
        }
        #expect(text == #"{"text":"a\"\n","bytes":"a\#u{FFFD}","negative":-5,"no":false,"nothing":null,"#
            + #""big":"18446744073709551615","id":"00ab","document":{"x":1}}"#)
    }

    @Test("Output can continue after bytes that are in the buffer already")
    func continuing() {
        let text = written {
            $0.bytes += Array("x=".utf8)
            $0.array { _ in }
        }
        #expect(text == "x=[]")
    }
}
