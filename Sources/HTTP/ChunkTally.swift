/// What a chunked body has cost so far, each part against its limit.
struct ChunkTally: Sendable {
    /// The line of chunk framing or the trailer being collected.
    var line: [UInt8] = []
    private(set) var trailerBytes = 0
    private var bodyBytes = 0
    private var extensionBytes = 0
    private var trailers = 0

    mutating func reset() {
        line = []
        trailerBytes = 0
        bodyBytes = 0
        extensionBytes = 0
        trailers = 0
    }

    mutating func add(_ size: ChunkSize, maximumBodyBytes: Int, limits: Limits) throws(Refusal) {
        guard let bytes = size.bytes, bytes <= maximumBodyBytes - bodyBytes else {
            throw .bodyTooLarge(limitBytes: maximumBodyBytes)
        }
        bodyBytes += bytes
        extensionBytes += size.extensionBytes
        guard extensionBytes <= limits.maximumChunkExtensionBytes else {
            throw .chunkExtensionsTooLarge(limitBytes: limits.maximumChunkExtensionBytes)
        }
    }

    mutating func addTrailer(limits: Limits) throws(Refusal) {
        trailers += 1
        guard trailers <= limits.maximumFields else { throw .tooManyFields(limit: limits.maximumFields) }
        trailerBytes += line.count
        line.removeAll(keepingCapacity: true)
    }
}
