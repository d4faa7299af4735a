/// A parsed chunk-size line. Chunk extensions are checked and ignored: RFC 9112 defines none, and the server uses none.
/// [A proxy that ends a malformed extension elsewhere finds another end of the body: request smuggling.]
struct ChunkSize {
    /// The size of the chunk; nil when it exceeds what an `Int` can hold, and so any limit.
    let bytes: Int?
    /// Bytes of the chunk-size line that are extensions or leading zeros.
    let overheadBytes: Int

    /// Parses a chunk-size line, given without its line end. `LineScan` has checked that it holds no control byte other
    /// than tabs.
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
        bytes = size
        overheadBytes = line.count - index + min(zeros, index - 1)
        guard index < line.count else { return }
        // White space after a chunk size is allowed only in front of a chunk extension.
        guard line.isSemicolon(at: line.endOfBlanks(from: index)) else { throw .chunk(.malformedChunkSize) }
        try Self.checkExtensions(line, from: index)
    }

    /// Checks `*( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )` (RFC 9112, 7.1.1).
    private static func checkExtensions(_ line: Span<UInt8>, from start: Int) throws(Refusal) {
        var index = start
        while index < line.count {
            index = line.endOfBlanks(from: index)
            guard line.isSemicolon(at: index) else { throw .chunk(.malformedChunkExtension) }
            index = try endOfToken(line, from: line.endOfBlanks(from: index + 1))
            let equals = line.endOfBlanks(from: index)
            guard equals < line.count, line[equals] == UInt8(ascii: "=") else { continue }
            index = try endOfValue(line, from: line.endOfBlanks(from: equals + 1))
        }
    }

    private static func endOfValue(_ line: Span<UInt8>, from start: Int) throws(Refusal) -> Int {
        let quote = UInt8(ascii: "\"")
        guard start < line.count, line[start] == quote else { return try endOfToken(line, from: start) }
        var index = start + 1
        while index < line.count, line[index] != quote {
            index += line[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard index < line.count else { throw .chunk(.malformedChunkExtension) }
        return index + 1
    }

    private static func endOfToken(_ line: Span<UInt8>, from start: Int) throws(Refusal) -> Int {
        var index = start
        while index < line.count, ByteClass.token.contains(line[index]) { index += 1 }
        guard index > start else { throw .chunk(.malformedChunkExtension) }
        return index
    }
}

extension Span where Element == UInt8 {
    fileprivate func endOfBlanks(from start: Int) -> Int {
        var index = start
        while index < count, self[index] == .space || self[index] == .tab { index += 1 }
        return index
    }

    fileprivate func isSemicolon(at index: Int) -> Bool {
        index < count && self[index] == UInt8(ascii: ";")
    }
}
