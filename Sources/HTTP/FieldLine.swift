/// One field line taken apart, of a head or of a trailer section.
struct FieldLine {
    let header: KnownHeader?
    /// Without the white space around it.
    let value: Range<Int>

    /// `line` is without its line end, and has been scanned for control bytes.
    init(parsing bytes: Span<UInt8>, in line: Range<Int>) throws(Refusal) {
        var colon = line.lowerBound
        while colon < line.upperBound, ByteClass.token.contains(bytes[colon]) { colon += 1 }
        guard colon > line.lowerBound, colon < line.upperBound, bytes[colon] == UInt8(ascii: ":") else {
            throw Self.complaint(bytes, line, stopped: colon)
        }
        header = KnownHeader(bytes.extracting(line.lowerBound..<colon))
        value = bytes.trimming((colon + 1)..<line.upperBound)
    }

    /// Requires a `line` that is not empty.
    private static func complaint(_ bytes: Span<UInt8>, _ line: Range<Int>, stopped: Int) -> Refusal {
        let isFolded = stopped == line.lowerBound && (bytes[stopped] == .space || bytes[stopped] == .tab)
        return isFolded ? .foldedField : .malformedField
    }
}
