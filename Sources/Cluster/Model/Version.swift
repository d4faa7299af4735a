internal import Base

/// The version of an item: identifies the write that produced it. Versions are totally ordered. Equal versions are the
/// same write, whatever happens to clocks and processes, because every write id is issued once.
///
/// Layout on disk and on the wire: `clock` (8 bytes), `writeID` (8 bytes), big-endian, so the encoded bytes sort like
/// versions.
package struct Version: Hashable, Comparable, Sendable {
    package static let byteCount = 16

    /// Hybrid logical clock: 48 bits of milliseconds since 1970, then a 16-bit counter.
    package let clock: HybridTimestamp
    /// The id of one write: 32 random bits drawn at each process start, then a 32-bit counter.
    package let writeID: UInt64

    package init(clock: HybridTimestamp, writeID: UInt64) {
        self.clock = clock
        self.writeID = writeID
    }

    package static func < (left: Version, right: Version) -> Bool {
        (left.clock, left.writeID) < (right.clock, right.writeID)
    }

    /// Decodes a version. Nil if fewer than 16 bytes follow `offset`.
    package init?(bytes: Span<UInt8>, at offset: Int = 0) {
        guard let clock = bytes.bigEndian(at: offset, as: UInt64.self),
            let writeID = bytes.bigEndian(at: offset + 8, as: UInt64.self)
        else { return nil }
        self.init(clock: HybridTimestamp(rawValue: clock), writeID: writeID)
    }

    package func append(to bytes: inout [UInt8]) {
        bytes.appendBigEndian(clock.rawValue)
        bytes.appendBigEndian(writeID)
    }

    /// Appends the 32 hexadecimal digits that an item's `ETag` contains.
    package func appendHex(to bytes: inout [UInt8]) {
        bytes.appendHex(clock.rawValue)
        bytes.appendHex(writeID)
    }
}
