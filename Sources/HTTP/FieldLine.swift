/// A parsed field line of a head or of a trailer section.
struct FieldLine {
    /// Nil for a header that the server does not read.
    let header: KnownHeader?
    /// The value without the white space around it.
    let value: Range<Int>

    /// `line` comes without its line end and has been scanned for control bytes.
    init(parsing bytes: Span<UInt8>, in line: Range<Int>) throws(Refusal) {
        var colon = line.lowerBound
        while colon < line.upperBound, ByteClass.token.contains(bytes[colon]) { colon += 1 }
        guard colon > line.lowerBound, colon < line.upperBound, bytes[colon] == UInt8(ascii: ":") else {
            throw Self.fault(bytes, line, at: colon)
        }
        header = KnownHeader(bytes.extracting(line.lowerBound..<colon))
        value = bytes.trimming((colon + 1)..<line.upperBound)
    }

    /// Returns the fault of a non-empty `line` whose name ends at `end` without a colon.
    private static func fault(_ bytes: Span<UInt8>, _ line: Range<Int>, at end: Int) -> Refusal {
        let isFolded = end == line.lowerBound && (bytes[end] == .space || bytes[end] == .tab)
        return isFolded ? .field(.foldedField) : .field(.malformedField)
    }
}
