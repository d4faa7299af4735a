// What a request target may be (RFC 9112, 3.2). Origin form is what clients send; absolute form is what they send to
// proxies and every server must accept; `*` is for OPTIONS. A host and port alone, the form of CONNECT, is refused:
// we are no tunnel.

/// Where the parts of a target stand.
struct RequestTarget {
    let path: Range<Int>
    let query: Range<Int>?

    /// Requires a path that begins at `start` with a slash.
    init(pathFrom start: Int, to end: Int, in bytes: Span<UInt8>) {
        guard let mark = bytes.firstIndex(of: UInt8(ascii: "?"), in: start..<end) else {
            path = start..<end
            query = nil
            return
        }
        path = start..<mark
        query = (mark + 1)..<end
    }
}

extension RequestHead {
    /// Requires `methodRange`, `method` and the raw `target`, which ends the request line but for the version.
    mutating func parseTarget() throws(Refusal) {
        for byte in bytes[target] where byte <= .space || byte >= 0x7F || byte == UInt8(ascii: "#") {
            throw .byteInTarget(byte)
        }
        if bytes[target.lowerBound] != UInt8(ascii: "/") {
            if method == .options, matches(target, "*") {
                path = target
                query = nil
                return
            }
            try stripAuthority()
        }
        let parts = RequestTarget(pathFrom: target.lowerBound, to: target.upperBound, in: bytes.span)
        path = parts.path
        query = parts.query
    }

    /// Narrows an absolute form to its path. An empty path means `/`, which is put in where it was left out.
    private mutating func stripAuthority() throws(Refusal) {
        let authority = try authority()
        if authority.upperBound < target.upperBound, bytes[authority.upperBound] == UInt8(ascii: "/") {
            target = authority.upperBound..<target.upperBound
        } else {
            bytes.insert(UInt8(ascii: "/"), at: authority.upperBound)
            target = authority.upperBound..<(target.upperBound + 1)
        }
    }

    private func authority() throws(Refusal) -> Range<Int> {
        let prefix = 7
        let span = bytes.span
        guard target.count > prefix,
            span.extracting(target.lowerBound..<(target.lowerBound + 4)).equals(lowercase: "http"),
            matches((target.lowerBound + 4)..<(target.lowerBound + prefix), "://")
        else { throw .malformedTarget }
        let start = target.lowerBound + prefix
        var end = start
        while end < target.upperBound, span[end] != UInt8(ascii: "/"), span[end] != UInt8(ascii: "?") { end += 1 }
        guard end > start, isHost(span.extracting(start..<end)) else { throw .malformedTarget }
        return start..<end
    }
}

/// Whether `text` is a host name, an IPv4 address or a bracketed IP literal, with an optional port.
func isHost(_ text: Span<UInt8>) -> Bool {
    var end = 0
    if text.count > 0, text[0] == UInt8(ascii: "[") {
        guard let bracket = text.firstIndex(of: UInt8(ascii: "]"), in: 0..<text.count), bracket > 1 else { return false }
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
