// Writes JSON piece by piece into a byte buffer. Stored documents are inserted unchanged, so no tree is built. Quoted
// text may come from clients: invalid UTF-8 in it is replaced by U+FFFD, so the result is always valid JSON.

extension Array where Element == UInt8 {
    /// Appends `text` as a JSON string: escaped, in double quotes.
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

    /// Appends `text` with JSON escapes. Runs of bytes that need no escape are copied together.
    private mutating func appendJSONEscaped(_ text: Span<UInt8>) {
        var runStart = 0
        for index in text.indices where text[index].needsJSONEscape {
            append(text.extracting(runStart..<index))
            appendJSONEscape(text[index])
            runStart = index + 1
        }
        append(text.extracting(runStart..<text.count))
    }

    private mutating func appendJSONEscape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append(#"\""#)
        case UInt8(ascii: "\\"): append(#"\\"#)
        case UInt8(ascii: "\n"): append(#"\n"#)
        case UInt8(ascii: "\r"): append(#"\r"#)
        case UInt8(ascii: "\t"): append(#"\t"#)
        default:
            append(#"\u00"#)
            appendHex(UInt64(byte), digitCount: 2)
        }
    }
}

extension UInt8 {
    fileprivate var needsJSONEscape: Bool {
        self < 0x20 || self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\") || self == 0x7F
    }
}
