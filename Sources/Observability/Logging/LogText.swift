internal import Base

// The functions in this file write all text in log lines, so that one record is always one line. Control characters,
// line and paragraph separators and characters that change the writing direction are escaped, invalid UTF-8 becomes
// `\ufffd`, and text that is too long is cut and ends with three dots.
//
// A log line is written in order into reserved memory. `LogBound` gives upper bounds of the sizes of its parts.

enum LogBound {
    /// Returns an upper bound of the bytes that a text takes in a log line. Each byte of the text becomes at most six
    /// (`\u0000`); two quotes and three dots are added.
    static func text(_ byteCount: Int, maximumBytes: Int = ObservabilityLimits.logTextBytes) -> Int {
        6 * min(byteCount, maximumBytes) + 5
    }

    static let number = 24
}

extension OutputSpan where Element == UInt8 {
    /// Appends a text to a log line as a JSON string in double quotes. A longer text is cut after `maximumBytes`.
    mutating func appendQuoted(_ text: Span<UInt8>, maximumBytes: Int = ObservabilityLimits.logTextBytes) {
        append(UInt8(ascii: "\""))
        appendEscaped(text, maximumBytes: maximumBytes)
        append(UInt8(ascii: "\""))
    }

    /// Appends a value to a log line in the text format. The value is in double quotes if it is empty or has spaces,
    /// quotes, backslashes, equals signs, or anything but printable ASCII; otherwise its end is clear without quotes.
    mutating func appendWord(_ text: Span<UInt8>, maximumBytes: Int = ObservabilityLimits.logTextBytes) {
        if text.count <= maximumBytes, text.isWord {
            append(text)
        } else {
            appendQuoted(text, maximumBytes: maximumBytes)
        }
    }

    @inline(__always)
    mutating func appendEscaped(_ text: Span<UInt8>, maximumBytes: Int = ObservabilityLimits.logTextBytes) {
        if text.count <= maximumBytes, text.isPlain {
            append(text)
        } else {
            appendRepaired(text, maximumBytes: maximumBytes)
        }
    }

    @inline(never)
    private mutating func appendRepaired(_ text: Span<UInt8>, maximumBytes: Int) {
        let kept = text.extracting(0..<text.characterBoundary(notAfter: maximumBytes))
        for scalar in String(repairing: kept).unicodeScalars { appendEscaped(scalar) }
        if kept.count < text.count { append("...") }
    }

    private mutating func appendEscaped(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x22: append("\\\"")
        case 0x5C: append("\\\\")
        case 0x0A: append("\\n")
        case 0x0D: append("\\r")
        case 0x09: append("\\t")
        case 0..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFFD:
            append("\\u")
            appendHex(UInt64(scalar.value), digitCount: 4)
        default:
            for byte in scalar.utf8 { append(byte) }
        }
    }
}

extension Span where Element == UInt8 {
    /// Whether the text is printable ASCII without quotes and backslashes, which needs no escape in a quoted string.
    @inline(__always)
    fileprivate var isPlain: Bool {
        allSatisfy { $0.quoteMarks | $0.bitmask(below: 0x20) | $0.bitmask(above: 0x7E) == 0 }
    }

    @inline(__always)
    fileprivate var isWord: Bool {
        !isEmpty && allSatisfy {
            $0.quoteMarks | $0.bitmask(of: UInt8(ascii: "=")) | $0.bitmask(below: 0x21) | $0.bitmask(above: 0x7E) == 0
        }
    }

    /// Returns the last index up to `limit` that is not inside the UTF-8 sequence of a character, so that a text can be
    /// cut there.
    fileprivate func characterBoundary(notAfter limit: Int) -> Int {
        guard count > limit else { return count }
        var end = limit
        while end > 0, limit - end < 4, self[end] & 0xC0 == 0x80 { end -= 1 }
        return end
    }
}

extension EightBytes {
    /// A mask of the quotes and backslashes among eight bytes of text. These end a quoted string or start an escape.
    fileprivate var quoteMarks: UInt64 { bitmask(of: UInt8(ascii: "\"")) | bitmask(of: UInt8(ascii: "\\")) }
}
