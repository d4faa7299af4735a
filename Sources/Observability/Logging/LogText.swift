internal import Base

// Everything a line holds passes here. One record is one line whatever it is made of: control characters, line and
// paragraph separators, and marks that turn the direction of writing are escaped, bytes that are no UTF-8 become
// `\ufffd`, and what is too long is cut and says so with three dots.
//
// A line is written front to back into memory reserved for it: `LogBound` says how much it can take at the most.

enum LogBound {
    /// A byte becomes six at the most, `\u0000`; then there are two quotes and three dots.
    static func text(_ byteCount: Int, maximumBytes: Int = ObservabilityLimits.logTextBytes) -> Int {
        6 * min(byteCount, maximumBytes) + 5
    }

    static let number = 24
}

extension OutputSpan where Element == UInt8 {
    /// In double quotes, as JSON wants it.
    mutating func appendQuoted(_ text: Span<UInt8>, maximumBytes: Int = ObservabilityLimits.logTextBytes) {
        append(UInt8(ascii: "\""))
        appendEscaped(text, maximumBytes: maximumBytes)
        append(UInt8(ascii: "\""))
    }

    /// Bare if nobody can take its end for anything else, else in double quotes.
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
    /// ASCII that stands in a quoted string as it is.
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

    /// The last place up to `limit` that does not lie within a character of several bytes.
    fileprivate func characterBoundary(notAfter limit: Int) -> Int {
        guard count > limit else { return count }
        var end = limit
        while end > 0, limit - end < 4, self[end] & 0xC0 == 0x80 { end -= 1 }
        return end
    }
}

extension EightBytes {
    /// What ends a quoted string, or is read as the start of an escape in it.
    fileprivate var quoteMarks: UInt64 { bitmask(of: UInt8(ascii: "\"")) | bitmask(of: UInt8(ascii: "\\")) }
}
