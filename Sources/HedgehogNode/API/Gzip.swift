internal import CZlib

/// Packs whole bodies for readers that want less to travel: metrics pages and batches of spans.
enum Gzip {
    /// The quickest level: it makes text of ours some ten times smaller already, and the higher ones little more.
    private static let level = Z_BEST_SPEED
    /// zlib's largest window, and 16 more for gzip's own head and checksum around it.
    private static let windowBits: Int32 = 15 + 16
    private static let memoryLevel: Int32 = 8

    /// One gzip member. May run on any thread. 256 KiB take about a millisecond: more belongs on a worker.
    static func compress(_ bytes: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        let opened = deflateInit2_(
            &stream, level, Z_DEFLATED, windowBits, memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(opened == Z_OK, "zlib has no memory for a stream, or is not the version that we were built with")
        defer { deflateEnd(&stream) }
        precondition(bytes.count <= UInt32.max, "zlib counts what it is given in 32 bits")
        let bound = Int(deflateBound(&stream, UInt(bytes.count)))
        return [UInt8](unsafeUninitializedCapacity: bound) { room, written in
            bytes.withUnsafeBufferPointer { input in
                // zlib reads through this pointer and does not write; its type is older than `const`.
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = UInt32(input.count)
                stream.next_out = room.baseAddress
                stream.avail_out = UInt32(bound)
                let outcome = deflate(&stream, Z_FINISH)
                precondition(outcome == Z_STREAM_END, "zlib needed more room than it had asked for")
                written = Int(stream.total_out)
            }
        }
    }
}
