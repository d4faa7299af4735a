/// Finds members of a JSON object in its text and returns each value as its original bytes. A JSON parser would lose
/// large numbers and the order of names, but an item must be printed exactly as it is stored. The text comes from a
/// server that has validated it. Invalid text yields nil or a wrong value, but never a trap.
struct JSONMembers {
    private let text: ArraySlice<UInt8>

    init(_ text: ArraySlice<UInt8>) {
        self.text = text
    }

    /// The value of the JSON object's first member with this name. A name that the text writes with escapes is not
    /// found.
    subscript(_ name: String) -> ArraySlice<UInt8>? {
        let quotedName = Array("\"\(name)\"".utf8)
        var scanner = JSONScanner(text)
        guard scanner.take(UInt8(ascii: "{")) else { return nil }
        while let found = scanner.takeValue(), scanner.take(UInt8(ascii: ":")), let value = scanner.takeValue() {
            if found.elementsEqual(quotedName) { return value }
            guard scanner.take(UInt8(ascii: ",")) else { return nil }
        }
        return nil
    }
}

/// Reads JSON text one value after another.
private struct JSONScanner {
    private var rest: ArraySlice<UInt8>

    init(_ text: ArraySlice<UInt8>) {
        rest = text
    }

    mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard rest.first == byte else { return false }
        rest.removeFirst()
        return true
    }

    /// Returns the next string, number, word, object or array of the JSON text, complete; nil at the end of the text.
    mutating func takeValue() -> ArraySlice<UInt8>? {
        skipSpace()
        var nesting = JSONNesting()
        var index = rest.startIndex
        while index < rest.endIndex {
            let byte = rest[index]
            if nesting.isOutside && index > rest.startIndex && (byte.endsWord || rest[index - 1].endsValue) { break }
            if nesting.isOutside && byte.endsWord { break }
            nesting.pass(byte)
            index += 1
        }
        guard index > rest.startIndex, nesting.isOutside else { return nil }
        defer { rest = rest[index...] }
        return rest[..<index]
    }

    private mutating func skipSpace() {
        rest = rest.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
    }
}

/// Tracks, byte by byte, whether JSON text is inside a string and how deep objects and arrays are nested.
struct JSONNesting {
    private(set) var depth = 0
    private(set) var isInString = false
    private var isEscaped = false

    var isOutside: Bool { depth == 0 && !isInString }

    mutating func pass(_ byte: UInt8) {
        if isInString {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
            }
            return
        }
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"): depth = max(0, depth - 1)
        default: break
        }
    }
}

extension UInt8 {
    fileprivate var endsValue: Bool {
        self == UInt8(ascii: "\"") || self == UInt8(ascii: "}") || self == UInt8(ascii: "]")
    }

    fileprivate var endsWord: Bool {
        switch self {
        case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "}"), UInt8(ascii: "]"), 0x20, 0x09...0x0D: true
        default: false
        }
    }
}
