/// A request line taken apart.
struct RequestLine {
    let method: Range<Int>
    let target: RequestTarget
    let minorVersion: UInt8

    /// `line` is without its line end, and has been scanned for control bytes.
    init(parsing bytes: Span<UInt8>, in line: Range<Int>, limits: HTTPLimits) throws(Refusal) {
        var methodEnd = line.lowerBound
        while methodEnd < line.upperBound, ByteClass.token.contains(bytes[methodEnd]) { methodEnd += 1 }
        guard methodEnd > line.lowerBound, methodEnd < line.upperBound, bytes[methodEnd] == .space,
            let targetEnd = bytes.firstIndex(of: .space, in: (methodEnd + 1)..<line.upperBound),
            targetEnd > methodEnd + 1
        else { throw .malformedRequestLine }
        method = line.lowerBound..<methodEnd
        minorVersion = try Self.minorVersion(of: bytes.extracting((targetEnd + 1)..<line.upperBound))
        let whole = (methodEnd + 1)..<targetEnd
        guard whole.count <= limits.maximumTargetBytes else {
            throw .targetTooLong(limitBytes: limits.maximumTargetBytes)
        }
        target = try RequestTarget(
            parsing: bytes, in: whole, isOptions: bytes.extracting(line.lowerBound..<methodEnd).equals("OPTIONS"))
    }

    /// A later HTTP/1 is read as HTTP/1.1 (RFC 9110, 2.5).
    private static func minorVersion(of version: Span<UInt8>) throws(Refusal) -> UInt8 {
        guard version.count == 8, version.extracting(0..<5).equals("HTTP/"), version[5].isDecimalDigit,
            version[6] == UInt8(ascii: "."), version[7].isDecimalDigit
        else { throw .malformedVersion }
        guard version[5] == UInt8(ascii: "1") else { throw .unsupportedVersion }
        return version[7] == UInt8(ascii: "0") ? 0 : 1
    }
}
