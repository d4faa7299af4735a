import CZlib
import Testing

@testable import HedgehogNode

@Suite struct GzipTests {
    private static let noise: [UInt8] = {
        var state: UInt32 = 1
        return (0..<70_000).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
    }()
    private static let bodies: [[UInt8]] = [[], [0x61], Array(repeating: 0x61, count: 300_000), noise]

    @Test("Compression is reversible for empty, short, long and random bodies", arguments: bodies)
    func roundTrip(_ bytes: [UInt8]) {
        #expect(unpacked(Gzip.compress(bytes), room: bytes.count + 64) == bytes)
    }

    @Test("The result has gzip's format, not zlib's, and text becomes much smaller")
    func format() {
        let line = "hedgehog_http_requests_total{method=\"GET\",operation=\"get_item\",status=\"2xx\"} 1\n"
        let page = Array(String(repeating: line, count: 500).utf8)
        let packed = Gzip.compress(page)
        #expect(packed.starts(with: [0x1F, 0x8B, 0x08]))
        #expect(packed.count * 10 < page.count)
    }
}

/// Returns the unpacked bytes, or nil if the packed bytes are not one complete gzip member.
func unpacked(_ packed: [UInt8], room: Int) -> [UInt8]? {
    var stream = z_stream()
    guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
        return nil
    }
    defer { inflateEnd(&stream) }
    var packed = packed
    var plain = [UInt8](repeating: 0, count: room)
    let outcome = packed.withUnsafeMutableBufferPointer { input in
        plain.withUnsafeMutableBufferPointer { output in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            stream.next_out = output.baseAddress
            stream.avail_out = UInt32(output.count)
            return inflate(&stream, Z_FINISH)
        }
    }
    guard outcome == Z_STREAM_END, stream.avail_in == 0 else { return nil }
    return Array(plain.prefix(Int(stream.total_out)))
}
