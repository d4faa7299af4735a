// Writing JSON a piece at a time into a byte buffer. Stored documents are spliced in whole, so nothing here builds
// a tree, and what is quoted may come from anywhere: invalid UTF-8 is replaced, never passed on.

extension Array where Element == UInt8 {
    /// `text` in double quotes, escaped.
    package mutating func appendJSONString(_ text: Span<UInt8>) {
        append(UInt8(ascii: "\""))
        if (try? UTF8Span(validating: text)) != nil {
            appendJSONEscaped(text)
        } else {
            appendJSONEscaped(Array(String(repairing: text).utf8).span)
        }
        append(UInt8(ascii: "\""))
    }

    package mutating func appendJSONString(_ text: [UInt8]) {
        appendJSONString(text.span)
    }

    package mutating func appendJSONString(_ text: String) {
        appendJSONString(Array(text.utf8).span)
    }

    private mutating func appendJSONEscaped(_ text: Span<UInt8>) {
        for index in text.indices {
            let byte = text[index]
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                append(UInt8(ascii: "\\"))
                append(byte)
            case UInt8(ascii: "\n"): append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "n")])
            case UInt8(ascii: "\r"): append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "r")])
            case UInt8(ascii: "\t"): append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "t")])
            case 0..<0x20, 0x7F:
                append(contentsOf: "\\u00".utf8)
                appendHex(UInt64(byte), digitCount: 2)
            default: append(byte)
            }
        }
    }

    /// The decimal digits of `value`, with a minus sign if it has one.
    package mutating func appendDecimal(_ value: some BinaryInteger) {
        if value < 0 { append(UInt8(ascii: "-")) }
        appendDecimal(UInt64(value.magnitude))
    }

    /// Every response has a length: unlike the generic form this is not looked up in tables at run time.
    package mutating func appendDecimal(_ value: Int) {
        if value < 0 { append(UInt8(ascii: "-")) }
        appendDecimal(UInt64(value.magnitude))
    }

    package mutating func appendDecimal(_ value: UInt64) {
        guard value > 9 else { return append(UInt8(ascii: "0") + UInt8(value)) }
        var rest = value
        var divisor: UInt64 = 10
        while rest / divisor > 9 { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(rest / divisor))
            rest %= divisor
            divisor /= 10
        }
    }
}
