internal import Base

/// Sums over the entries of a leaf, a partition or a table. The order in which entries are added and removed does not
/// matter, so the sums stay exact without a scan. Two replicas with equal digests hold equal entries.
package struct EntrySums: Hashable, Sendable {
    /// The XOR of the digests of all entries that these sums count.
    package var digest: UInt64
    package var live: UInt64
    package var tombstones: UInt64
    /// The length of the keys and values of all entries, without the overhead of their encoding.
    package var bytes: UInt64

    package init(digest: UInt64 = 0, live: UInt64 = 0, tombstones: UInt64 = 0, bytes: UInt64 = 0) {
        self.digest = digest
        self.live = live
        self.tombstones = tombstones
        self.bytes = bytes
    }

    package var isEmpty: Bool { live == 0 && tombstones == 0 }

    mutating func add(_ other: EntrySums) {
        digest ^= other.digest
        live += other.live
        tombstones += other.tombstones
        bytes += other.bytes
    }

    /// Subtracts `other` from these sums. Requires: `other` was added before.
    mutating func remove(_ other: EntrySums) {
        precondition(
            live >= other.live && tombstones >= other.tombstones && bytes >= other.bytes,
            "an entry was removed from sums that do not include it")
        digest ^= other.digest
        live -= other.live
        tombstones -= other.tombstones
        bytes -= other.bytes
    }
}

// The value of a row of `leaves`: digest (8), live (8), tombstones (8), bytes (8).
extension EntrySums {
    static let encodedBytes = 32
    /// The bound of each number in a leaf record: a record with this or a larger one is damaged. It keeps the sums over
    /// all leaves of a table within 64 bits.
    private static let maximumOfLeaf: UInt64 = 1 << 41

    func append(to bytes: inout [UInt8]) {
        for field in [digest, live, tombstones, self.bytes] { bytes.appendBigEndian(field) }
    }

    init?(record: Span<UInt8>) {
        guard record.count == Self.encodedBytes,
            let digest = record.bigEndian(at: 0, as: UInt64.self),
            let live = record.bigEndian(at: 8, as: UInt64.self),
            let tombstones = record.bigEndian(at: 16, as: UInt64.self),
            let bytes = record.bigEndian(at: 24, as: UInt64.self),
            max(live, tombstones, bytes) < Self.maximumOfLeaf
        else { return nil }
        self.init(digest: digest, live: live, tombstones: tombstones, bytes: bytes)
    }
}
