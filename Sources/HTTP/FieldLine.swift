/// One field line taken apart, of a head or of a trailer section.
struct FieldLine {
    let header: KnownHeader?
    /// Without the white space around it.
    let value: Range<Int>

    /// `line` is without its line end.
    init(parsing bytes: Span<UInt8>, in line: Range<Int>) throws(Refusal) {
        var colon = line.lowerBound
        while colon < line.upperBound, ByteClass.token.contains(bytes[colon]) { colon += 1 }
        guard colon > line.lowerBound, colon < line.upperBound, bytes[colon] == UInt8(ascii: ":") else {
            throw Self.complaint(bytes, line, stopped: colon)
        }
        if let control = bytes.firstControl(in: (colon + 1)..<line.upperBound) { throw .controlByte(control) }
        header = KnownHeader(bytes.extracting(line.lowerBound..<colon))
        value = bytes.trimming((colon + 1)..<line.upperBound)
    }

    private static func complaint(_ bytes: Span<UInt8>, _ line: Range<Int>, stopped: Int) -> Refusal {
        guard stopped < line.upperBound else { return .malformedField }
        let byte = bytes[stopped]
        if stopped == line.lowerBound, byte == .space || byte == .tab { return .foldedField }
        if byte < 0x20 && byte != .tab || byte == 0x7F { return .controlByte(byte) }
        return .malformedField
    }
}
