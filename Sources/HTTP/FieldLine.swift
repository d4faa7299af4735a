/// A parsed field line of a head or of a trailer section.
struct FieldLine {
    /// The header that the field line belongs to; nil if the server does not read that header.
    let header: KnownHeader?
    /// The range of the field's value, without the white space around it.
    let value: Range<Int>

    /// Parses the field line in the range `line` of `bytes`. The range excludes the line end, and `LineScan` has
    /// checked that it holds no control byte other than tabs.
    init(parsing bytes: Span<UInt8>, in line: Range<Int>) throws(Refusal) {
        var colon = line.lowerBound
        while colon < line.upperBound, ByteClass.token.contains(bytes[colon]) { colon += 1 }
        guard colon > line.lowerBound, colon < line.upperBound, bytes[colon] == UInt8(ascii: ":") else {
            throw Self.fault(bytes, line, at: colon)
        }
        header = KnownHeader(bytes.extracting(line.lowerBound..<colon))
        value = bytes.trimming((colon + 1)..<line.upperBound)
    }

    /// Returns the reason why a field line is refused whose name, which ends at `end`, is not followed by a colon.
    /// Requires a non-empty `line`.
    private static func fault(_ bytes: Span<UInt8>, _ line: Range<Int>, at end: Int) -> Refusal {
        let isFolded = end == line.lowerBound && (bytes[end] == .space || bytes[end] == .tab)
        return isFolded ? .field(.foldedField) : .field(.malformedField)
    }
}
