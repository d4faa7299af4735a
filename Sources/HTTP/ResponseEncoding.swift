internal import Base

// A response is written front to back into a buffer: status line, fields, the end of the head, then a body of the
// announced length or chunks. Order and completeness are the caller's; what is checked here is that no value can end
// its line, whoever made it.

extension Array where Element == UInt8 {
    package mutating func appendStatusLine(_ status: Status) {
        append(status.line)
    }

    /// Requires a `value` without control bytes.
    package mutating func appendField(_ name: StaticString, _ value: StaticString) {
        append(name)
        append(": ")
        append(value)
        append("\r\n")
    }

    /// Requires a `value` without control bytes.
    package mutating func appendField(_ name: StaticString, _ value: Span<UInt8>) {
        precondition(value.firstControl(in: 0..<value.count) == nil, "a field value must not hold control bytes")
        append(name)
        append(": ")
        append(value)
        append("\r\n")
    }

    package mutating func appendField(_ name: StaticString, decimal value: Int) {
        append(name)
        append(": ")
        appendDecimal(value)
        append("\r\n")
    }

    /// `byteCount` is that of the body, or for HEAD and 304 of the body that a GET would bring.
    package mutating func appendContentLength(_ byteCount: Int) {
        precondition(byteCount >= 0, "a body has no negative length")
        appendField("Content-Length", decimal: byteCount)
    }

    /// Instead of a length, in HTTP/1.1 only.
    package mutating func appendChunkedEncoding() {
        append("Transfer-Encoding: chunked\r\n")
    }

    package mutating func appendEndOfHead() {
        append("\r\n")
    }

    /// `bytes` as one chunk. An empty one would end the body, so it is left out.
    package mutating func appendChunk(_ bytes: Span<UInt8>) {
        guard !bytes.isEmpty else { return }
        let digitCount = (Int.bitWidth - bytes.count.leadingZeroBitCount + 3) / 4
        appendHex(UInt64(bytes.count), digitCount: digitCount)
        append("\r\n")
        append(bytes)
        append("\r\n")
    }

    package mutating func appendLastChunk() {
        append("0\r\n\r\n")
    }
}
