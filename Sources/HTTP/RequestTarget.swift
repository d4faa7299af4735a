/// A parsed request target (RFC 9112, 3.2). Clients send origin form to servers; absolute form, which they send to
/// proxies, must be accepted by every server; `*` is accepted with OPTIONS. Authority form, which CONNECT uses, is
/// refused because the server is not a proxy.
struct RequestTarget {
    /// The range of the target's path and query together.
    let range: Range<Int>
    let path: Range<Int>
    let query: Range<Int>?
    /// Whether a target in absolute form has no path, which means the path `/`. The caller must then write a slash at
    /// `path`, which is the last byte of the authority; the authority is not used any more.
    let lacksPath: Bool
    /// Whether the target is only a path and a query, so that the Host field has the authority of its URI.
    let isOriginForm: Bool

    /// Parses the request target in the range `source` of `bytes`, which must not be empty.
    init(parsing bytes: Span<UInt8>, in source: Range<Int>, isOptions: Bool) throws(Refusal) {
        if let invalid = bytes.firstInvalidInTarget(in: source) { throw .requestLine(.byteInTarget(bytes[invalid])) }
        var pathStart = source.lowerBound
        isOriginForm = bytes[pathStart] == UInt8(ascii: "/")
        if !isOriginForm, !(isOptions && bytes.extracting(source).equals("*")) {
            pathStart = try Self.authority(of: bytes, in: source).upperBound
            lacksPath = pathStart == source.upperBound || bytes[pathStart] == UInt8(ascii: "?")
            if lacksPath { pathStart -= 1 }
        } else {
            lacksPath = false
        }
        range = pathStart..<source.upperBound
        let questionMark = bytes.firstIndex(of: UInt8(ascii: "?"), in: range)
        path = pathStart..<(questionMark ?? source.upperBound)
        query = questionMark.map { ($0 + 1)..<source.upperBound }
    }

    /// The range of the authority of an absolute form. Throws for every other form.
    private static func authority(of bytes: Span<UInt8>, in source: Range<Int>) throws(Refusal) -> Range<Int> {
        let target = bytes.extracting(source)
        guard target.count > 7, target.extracting(0..<4).equals(lowercase: "http"),
            target.extracting(4..<7).equals("://")
        else { throw .requestLine(.malformedTarget) }
        let start = source.lowerBound + 7
        var end = start
        while end < source.upperBound, bytes[end] != UInt8(ascii: "/"), bytes[end] != UInt8(ascii: "?") { end += 1 }
        guard end > start, isHost(bytes.extracting(start..<end)) else { throw .requestLine(.malformedTarget) }
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
