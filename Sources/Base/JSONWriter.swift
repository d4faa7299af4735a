/// Writes JSON piece by piece into a byte buffer and places the commas.
///
/// It builds no tree and allocates only the buffer: closures do not escape, and names are literals that need no escape.
/// Text values may come from anywhere: they are escaped, and invalid UTF-8 is replaced.
///
///     var json = JSONWriter()
///     json.object {
///         $0.member("id", nodeID)
///         $0.array("hints", hints) { $0.number($1) }
///     }
package struct JSONWriter: Sendable {
    package var bytes: [UInt8] = []
    /// Whether a comma must be written before the next value, because the open object or array is not empty.
    private var needsComma = false

    package init() {}

    /// Returns one JSON object with a line feed at its end, as the body of a response.
    package static func line(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter()
        json.object(write)
        json.bytes.append(UInt8(ascii: "\n"))
        return json.bytes
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func enclose(
        _ open: StaticString, _ close: StaticString, _ write: (inout JSONWriter) -> Void
    ) {
        separate()
        bytes.append(open)
        needsComma = false
        write(&self)
        bytes.append(close)
        needsComma = true
    }
}

// MARK: Values

extension JSONWriter {
    package mutating func object(_ write: (inout JSONWriter) -> Void) { enclose("{", "}", write) }

    package mutating func array(_ write: (inout JSONWriter) -> Void) { enclose("[", "]", write) }

    package mutating func text(_ text: String) { raw { $0.appendJSONString(text) } }

    package mutating func text(_ text: Span<UInt8>) {
        separate()
        bytes.appendJSONString(text)
    }

    package mutating func number(_ number: Int) { raw { $0.appendDecimal(number) } }

    package mutating func number(_ number: UInt64) { raw { $0.appendDecimal(number) } }

    package mutating func flag(_ flag: Bool) { raw { $0.append(flag ? "true" : "false") } }

    package mutating func null() { raw { $0.append("null") } }

    /// Writes a JSON string that needs no escape, such as an id in hexadecimal.
    package mutating func plain(_ append: (inout [UInt8]) -> Void) {
        raw {
            $0.append(UInt8(ascii: "\""))
            append(&$0)
            $0.append(UInt8(ascii: "\""))
        }
    }

    /// Writes bytes that are valid JSON already, such as a stored document.
    package mutating func raw(_ append: (inout [UInt8]) -> Void) {
        separate()
        append(&bytes)
    }
}

// MARK: Members

extension JSONWriter {
    /// Writes a member of a JSON object: its name, and the one value that `write` writes.
    package mutating func member(_ name: StaticString, _ write: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(name)
        bytes.append("\":")
        needsComma = false
        write(&self)
    }

    /// Writes a member of a JSON object: a name that is known at run time only, and the one value that `write` writes.
    package mutating func member(named name: String, _ write: (inout JSONWriter) -> Void) {
        text(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
        write(&self)
    }

    package mutating func member(_ name: StaticString, _ text: String) { member(name) { $0.text(text) } }

    package mutating func member(_ name: StaticString, _ number: Int) { member(name) { $0.number(number) } }

    package mutating func member(_ name: StaticString, _ number: UInt64) { member(name) { $0.number(number) } }

    package mutating func member(_ name: StaticString, _ flag: Bool) { member(name) { $0.flag(flag) } }

    /// Writes an integer as a JSON string, because many JSON readers keep only 53 bits of a number.
    package mutating func member(_ name: StaticString, decimalText number: UInt64) {
        member(name) { $0.plain { $0.appendDecimal(number) } }
    }

    package mutating func array<Elements: Sequence>(
        _ name: StaticString, _ elements: Elements, _ write: (inout JSONWriter, Elements.Element) -> Void
    ) {
        member(name) { $0.array { for element in elements { write(&$0, element) } } }
    }
}
