/// The framing of one chunked body: finds its lines and counts body, overhead and trailers against their limits.
struct ChunkFraming: Sendable {
    /// The line found last, or the one that is being collected.
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
        // A copy, because no property of this value may change while a span of another one is in use.
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

    /// Adds a chunk to the body and returns its size. Throws if the body or its overhead is then too large.
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

    /// Resets everything for a new body. The storage of `line` is kept unless it has grown beyond `keptBytes`.
    mutating func reset() {
        var storage: [UInt8] = []
        if line.capacity <= HTTPLimits.keptBytes { swap(&storage, &line) }
        storage.removeAll(keepingCapacity: true)
        self = ChunkFraming()
        line = storage
    }

    /// Removes the line found last. `scan.start` is above zero exactly while that line is still in `line`.
    private mutating func begin() {
        line.removeAll(keepingCapacity: true)
        scan.reset()
    }
}
