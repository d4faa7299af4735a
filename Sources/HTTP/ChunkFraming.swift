/// The framing of one chunked body: finds its lines and counts body, overhead and trailers against their limits.
struct ChunkFraming: Sendable {
    /// The bytes of the chunk-size or trailer line that was found last, or of the one that is being collected.
    private(set) var line: [UInt8] = []
    private(set) var trailerBytes = 0
    private var scan = LineScan()
    private var bodyBytes = 0
    private var overheadBytes = 0
    private var trailers = 0

    /// Returns the range in `line` of the next line of chunk framing or of the trailer section, without its line end,
    /// or nil when more input is needed.
    mutating func nextLine(
        _ input: Span<UInt8>, _ offset: inout Int, limit: Int, tooLong: Refusal
    ) throws(Refusal) -> Range<Int>? {
        if scan.start > 0 { begin() }
        // The scan works on a copy, because Swift forbids changing one property of a struct while a span of another is
        // in use.
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

    /// Counts a chunk of the body and returns its size in bytes. Throws if the body is then too large, or if its chunk
    /// extensions and leading zeros together are.
    mutating func add(_ size: ChunkSize, maximumBodyBytes: Int, limits: HTTPLimits) throws(Refusal) -> Int {
        guard let bytes = size.bytes, bytes <= maximumBodyBytes - bodyBytes else {
            throw .framing(.bodyTooLarge(limitBytes: maximumBodyBytes))
        }
        bodyBytes += bytes
        overheadBytes += size.overheadBytes
        guard overheadBytes <= limits.maximumChunkExtensionBytes else {
            throw .chunk(.chunkExtensionsTooLarge(limitBytes: limits.maximumChunkExtensionBytes))
        }
        return bytes
    }

    mutating func addTrailer(limits: HTTPLimits) throws(Refusal) {
        trailers += 1
        guard trailers <= limits.maximumFields else { throw .field(.tooManyFields(limit: limits.maximumFields)) }
        trailerBytes += line.count
    }

    /// Resets everything for the next chunked body. The storage of `line` is kept unless it has grown beyond
    /// `HTTPLimits.keptBytes`.
    mutating func reset() {
        var storage: [UInt8] = []
        if line.capacity <= HTTPLimits.keptBytes { swap(&storage, &line) }
        storage.removeAll(keepingCapacity: true)
        self = ChunkFraming()
        line = storage
    }

    /// Discards the line of the previous search, before the next search begins. It is kept until then because the
    /// caller still reads it, and `scan.start` is above zero for just that long.
    private mutating func begin() {
        line.removeAll(keepingCapacity: true)
        scan.reset()
    }
}
