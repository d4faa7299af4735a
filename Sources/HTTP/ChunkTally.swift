/// The framing of a chunked body: its lines one by one, and what it has cost so far, each part against its limit.
struct ChunkTally: Sendable {
    /// The line last found, or the one being collected.
    private(set) var line: [UInt8] = []
    private(set) var trailerBytes = 0
    private var scan = LineScan()
    private var bodyBytes = 0
    private var idleBytes = 0
    private var trailers = 0

    /// The next line of chunk framing or of the trailer section in `line`, without its line end; nil when more input
    /// is needed.
    mutating func nextLine(
        _ input: Span<UInt8>, _ offset: inout Int, limit: Int, tooLong: Refusal
    ) throws(Refusal) -> Range<Int>? {
        if scan.start > 0 { begin() }
        // On a copy: while a span of one of our properties is open, none of the others may change.
        var scan = scan
        defer { self.scan = scan }
        repeat {
            if let found = try scan.next(in: line.span, limit: limit, tooLong: tooLong) {
                line.giveBack(from: scan.start, to: &offset)
                return found
            }
        } while line.collect(from: input, at: &offset, limit: limit)
        return nil
    }

    /// The size of the chunk, if the body may have it.
    mutating func add(_ size: ChunkSize, maximumBodyBytes: Int, limits: HTTPLimits) throws(Refusal) -> Int {
        guard let bytes = size.bytes, bytes <= maximumBodyBytes - bodyBytes else {
            throw .bodyTooLarge(limitBytes: maximumBodyBytes)
        }
        bodyBytes += bytes
        idleBytes += size.idleBytes
        guard idleBytes <= limits.maximumChunkExtensionBytes else {
            throw .chunkExtensionsTooLarge(limitBytes: limits.maximumChunkExtensionBytes)
        }
        return bytes
    }

    mutating func addTrailer(limits: HTTPLimits) throws(Refusal) {
        trailers += 1
        guard trailers <= limits.maximumFields else { throw .tooManyFields(limit: limits.maximumFields) }
        trailerBytes += line.count
    }

    /// Begins anew; the storage of `line` stays unless it has grown.
    mutating func reset() {
        var storage: [UInt8] = []
        if line.capacity <= HTTPLimits.keptBytes { swap(&storage, &line) }
        storage.removeAll(keepingCapacity: true)
        self = ChunkTally()
        line = storage
    }

    /// `scan.start` is not zero exactly while the last line found is still here.
    private mutating func begin() {
        line.removeAll(keepingCapacity: true)
        scan.reset()
    }
}
