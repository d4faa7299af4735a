/// A parsed chunk-size line. Chunk extensions are skipped: RFC 9112 defines none, and the server uses none.
struct ChunkSize {
    /// The size of the chunk; nil when it exceeds what an `Int` can hold, and so any limit.
    let bytes: Int?
    /// Bytes of the line that are extensions or leading zeros.
    let overheadBytes: Int

    /// `line` comes without its line end and has been scanned for control bytes.
    init(parsing line: Span<UInt8>) throws(Refusal) {
        var size: Int? = 0
        var index = 0
        var zeros = 0
        while index < line.count, let digit = line[index].hexDigitValue {
            size = size.flatMap { $0 > Int.max >> 4 ? nil : $0 << 4 | Int(digit) }
            if size == 0 { zeros += 1 }
            index += 1
        }
        guard index > 0 else { throw .chunk(.malformedChunkSize) }
        let extensionBytes = line.count - index
        bytes = size
        overheadBytes = extensionBytes + min(zeros, index - 1)
        while index < line.count, line[index] == .space || line[index] == .tab { index += 1 }
        // Blanks are allowed before an extension only.
        guard extensionBytes == 0 || index < line.count && line[index] == UInt8(ascii: ";") else {
            throw .chunk(.malformedChunkSize)
        }
    }
}
