internal import Base

// A response is written front to back into a buffer: status line, fields, the end of the head, then a body of the
// announced length or chunks. The caller is responsible for order and completeness. These functions ensure that no
// field value can contain a line break and so begin another field.

extension Array where Element == UInt8 {
    package mutating func appendStatusLine(_ status: Status) {
        append(status.line)
    }

    /// Appends a field line. Requires a `value` without control bytes.
    package mutating func appendField(_ name: StaticString, _ value: StaticString) {
        append(name)
        append(": ")
        append(value)
        append("\r\n")
    }

    /// Appends a field line. Traps if `value` contains a control byte other than a tab.
    package mutating func appendField(_ name: StaticString, _ value: Span<UInt8>) {
        precondition(value.firstControl(in: 0..<value.count) == nil, "a field value contains a control byte")
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

    /// Appends the Content-Length field. `byteCount` is the length of the body; in a response to HEAD, of the body that
    /// GET would return.
    package mutating func appendContentLength(_ byteCount: Int) {
        precondition(byteCount >= 0, "a body has a negative length")
        appendField("Content-Length", decimal: byteCount)
    }

    /// Appends the field that announces a chunked body, in place of Content-Length. Only HTTP/1.1 clients understand
    /// it.
    package mutating func appendChunkedEncoding() {
        append("Transfer-Encoding: chunked\r\n")
    }

    package mutating func appendEndOfHead() {
        append("\r\n")
    }

    /// Appends `bytes` as one chunk of a chunked body. Empty `bytes` append nothing, since an empty chunk ends the
    /// body.
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
