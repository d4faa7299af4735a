/// A request target taken apart (RFC 9112, 3.2). Origin form is what clients send; absolute form is what they send to
/// proxies and every server must accept; `*` is for OPTIONS. A host and port alone, the form of CONNECT, is refused:
/// we are no tunnel.
struct RequestTarget {
    /// Path and query.
    let range: Range<Int>
    let path: Range<Int>
    let query: Range<Int>?
    /// Whether the path was left out after an authority, which means `/`: that is to be written where `path` stands,
    /// over the last byte of the authority, which nobody asks for once it was judged.
    let lacksPath: Bool

    /// Requires a `whole` that is not empty.
    init(parsing bytes: Span<UInt8>, in whole: Range<Int>, isOptions: Bool) throws(Refusal) {
        if let outsider = bytes.firstOutsideTarget(in: whole) { throw .byteInTarget(bytes[outsider]) }
        var pathStart = whole.lowerBound
        if bytes[pathStart] != UInt8(ascii: "/"), !(isOptions && bytes.extracting(whole).equals("*")) {
            pathStart = try Self.authority(of: bytes, in: whole).upperBound
            lacksPath = pathStart == whole.upperBound || bytes[pathStart] == UInt8(ascii: "?")
            if lacksPath { pathStart -= 1 }
        } else {
            lacksPath = false
        }
        range = pathStart..<whole.upperBound
        let mark = bytes.firstIndex(of: UInt8(ascii: "?"), in: range)
        path = pathStart..<(mark ?? whole.upperBound)
        query = mark.map { ($0 + 1)..<whole.upperBound }
    }

    private static func authority(of bytes: Span<UInt8>, in whole: Range<Int>) throws(Refusal) -> Range<Int> {
        let target = bytes.extracting(whole)
        guard target.count > 7, target.extracting(0..<4).equals(lowercase: "http"),
            target.extracting(4..<7).equals("://")
        else { throw .malformedTarget }
        let start = whole.lowerBound + 7
        var end = start
        while end < whole.upperBound, bytes[end] != UInt8(ascii: "/"), bytes[end] != UInt8(ascii: "?") { end += 1 }
        guard end > start, isHost(bytes.extracting(start..<end)) else { throw .malformedTarget }
        return start..<end
    }
}

/// Whether `text` is a host name, an IPv4 address or a bracketed IP literal, with an optional port.
func isHost(_ text: Span<UInt8>) -> Bool {
    var end = 0
    if text.count > 0, text[0] == UInt8(ascii: "[") {
        let bracket = text.firstIndex(of: UInt8(ascii: "]"), in: 0..<text.count)
        guard let bracket, bracket > 1 else { return false }
        for index in 1..<bracket where !isInLiteral(text[index]) { return false }
        end = bracket + 1
    } else {
        while end < text.count, ByteClass.hostName.contains(text[end]) { end += 1 }
    }
    guard end < text.count else { return end > 0 }
    guard end > 0, text[end] == UInt8(ascii: ":") else { return false }
    for index in (end + 1)..<text.count where !text[index].isDecimalDigit { return false }
    return true
}

private func isInLiteral(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ":") || ByteClass.hostName.contains(byte) && byte != UInt8(ascii: "%")
}
