internal import Base

// Keys and server texts are printed on terminals, which interpret control characters. Without escaping, anyone who may
// write a key could recolour, overwrite or reverse what an operator reads.

/// `text` with the characters that a terminal interprets escaped, such as `\u{1b}`.
func printable(_ text: String) -> String {
    text.unicodeScalars.map { $0.isObeyedByTerminals ? "\\u{\(String($0.value, radix: 16))}" : String($0) }.joined()
}

/// A key as printed in a column or at the start of a line: unchanged, or as a JSON string if it is ambiguous, because
/// it is empty, begins with a quote, has a blank at an end, or holds control characters.
func printableKey(_ key: String) -> String {
    let isPlain =
        !key.unicodeScalars.contains(where: \.isObeyedByTerminals) && !key.hasPrefix("\"") && !key.hasPrefix(" ")
        && !key.hasSuffix(" ") && !key.isEmpty
    if isPlain { return key }
    return "\"" + key.unicodeScalars.map(\.escapedForJSON).joined() + "\""
}

extension Unicode.Scalar {
    fileprivate var isObeyedByTerminals: Bool {
        switch value {
        case 0..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    fileprivate var escapedForJSON: String {
        switch self {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case _ where isObeyedByTerminals:
            var digits: [UInt8] = []
            digits.appendHex(UInt64(value), digitCount: 4)
            return "\\u" + String(decoding: digits, as: UTF8.self)
        default: return String(self)
        }
    }
}
