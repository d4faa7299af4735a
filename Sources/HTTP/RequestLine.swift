/// A parsed request line.
struct RequestLine {
    let method: Range<Int>
    let target: RequestTarget
    let minorVersion: UInt8

    /// Parses the request line in the range `line` of `bytes`. The range excludes the line end, and `LineScan` has
    /// checked that it holds no control byte other than tabs.
    init(parsing bytes: Span<UInt8>, in line: Range<Int>, limits: HTTPLimits) throws(Refusal) {
        var methodEnd = line.lowerBound
        while methodEnd < line.upperBound, ByteClass.token.contains(bytes[methodEnd]) { methodEnd += 1 }
        guard methodEnd > line.lowerBound, methodEnd < line.upperBound, bytes[methodEnd] == .space,
            let targetEnd = bytes.firstIndex(of: .space, in: (methodEnd + 1)..<line.upperBound),
            targetEnd > methodEnd + 1
        else { throw .requestLine(.malformedRequestLine) }
        method = line.lowerBound..<methodEnd
        minorVersion = try Self.minorVersion(of: bytes.extracting((targetEnd + 1)..<line.upperBound))
        let targetRange = (methodEnd + 1)..<targetEnd
        guard targetRange.count <= limits.maximumTargetBytes else {
            throw .requestLine(.targetTooLong(limitBytes: limits.maximumTargetBytes))
        }
        target = try RequestTarget(
            parsing: bytes, in: targetRange, isOptions: bytes.extracting(line.lowerBound..<methodEnd).equals("OPTIONS"))
    }

    /// Returns 0 for HTTP/1.0, and 1 for HTTP/1.1 or any later HTTP/1 version (RFC 9110, 2.5).
    private static func minorVersion(of version: Span<UInt8>) throws(Refusal) -> UInt8 {
        guard version.count == 8, version.extracting(0..<5).equals("HTTP/"), version[5].isDecimalDigit,
            version[6] == UInt8(ascii: "."), version[7].isDecimalDigit
        else { throw .requestLine(.malformedVersion) }
        guard version[5] == UInt8(ascii: "1") else { throw .requestLine(.unsupportedVersion) }
        return version[7] == UInt8(ascii: "0") ? 0 : 1
    }
}
