/// A chunk-size line taken apart. Extensions are skipped: none is defined, and none means anything to us.
struct ChunkSize {
    /// Nil when the size is beyond what an integer holds, and so beyond any limit.
    let bytes: Int?
    /// How much of the line is extensions and leading zeros.
    let idleBytes: Int

    /// `line` is without its line end, and has been scanned for control bytes.
    init(parsing line: Span<UInt8>) throws(Refusal) {
        var size: Int? = 0
        var index = 0
        var zeros = 0
        while index < line.count, let digit = line[index].hexDigitValue {
            size = size.flatMap { $0 > Int.max >> 4 ? nil : $0 << 4 | Int(digit) }
            if size == 0 { zeros += 1 }
            index += 1
        }
        guard index > 0 else { throw .malformedChunkSize }
        let extensionBytes = line.count - index
        bytes = size
        idleBytes = extensionBytes + min(zeros, index - 1)
        while index < line.count, line[index] == .space || line[index] == .tab { index += 1 }
        // Blanks may stand before an extension, but not for nothing.
        guard extensionBytes == 0 || index < line.count && line[index] == UInt8(ascii: ";") else {
            throw .malformedChunkSize
        }
    }
}
