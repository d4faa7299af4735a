internal import CZlib

/// Compresses complete bodies: metrics pages and batches of exported spans.
enum Gzip {
    /// The fastest compression level of zlib. It already makes metrics pages and spans about ten times smaller, and
    /// higher levels gain little.
    private static let level = Z_BEST_SPEED
    /// zlib's largest window size, 15, plus 16 to request gzip's header and checksum.
    private static let windowBits: Int32 = 15 + 16
    private static let memoryLevel: Int32 = 8

    /// Returns one gzip member. May run on any thread. 256 KiB take about a millisecond, so larger bodies should be
    /// compressed on a worker thread.
    static func compress(_ bytes: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        let opened = deflateInit2_(
            &stream, level, Z_DEFLATED, windowBits, memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(opened == Z_OK, "zlib has no memory for a stream, or differs from the version at build time")
        defer { deflateEnd(&stream) }
        precondition(bytes.count <= UInt32.max, "zlib counts input bytes in 32 bits")
        let bound = Int(deflateBound(&stream, UInt(bytes.count)))
        return [UInt8](unsafeUninitializedCapacity: bound) { room, written in
            bytes.withUnsafeBufferPointer { input in
                // zlib only reads through `next_in`, although the type of that pointer is not `const`.
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = UInt32(input.count)
                stream.next_out = room.baseAddress
                stream.avail_out = UInt32(bound)
                let outcome = deflate(&stream, Z_FINISH)
                precondition(outcome == Z_STREAM_END, "zlib needed more space than deflateBound returned")
                written = Int(stream.total_out)
            }
        }
    }
}
