internal import Base
internal import Cluster

/// A stored entry without its value: enough to judge a newer write of its key and to update the sums of its leaf. An
/// entry is an item or a tombstone.
struct EntryHeader: Equatable {
    let version: Version
    let isTombstone: Bool
    /// The XXH3 hash of the entry's value, which is empty for a tombstone.
    let checksum: UInt64
    let valueBytes: Int

    init(version: Version, isTombstone: Bool, checksum: UInt64, valueBytes: Int) {
        self.version = version
        self.isTombstone = isTombstone
        self.checksum = checksum
        self.valueBytes = valueBytes
    }

    init(of item: StoredItem) {
        self.init(
            version: item.version, isTombstone: item.isTombstone, checksum: xxh3(item.value),
            valueBytes: item.value.count)
    }

    func replaces(_ held: EntryHeader) -> Bool { heldVersion.replaces(held.heldVersion) }

    func conflicts(with held: EntryHeader) -> Bool {
        version == held.version && checksum != held.checksum
    }

    var heldVersion: HeldVersion {
        HeldVersion(version: version, isTombstone: isTombstone, checksum: checksum)
    }

    /// The entry's share of its leaf's sums. The digest is XXH3 of, in this order: table id (8), key length (2), key,
    /// version (16), flags (1), checksum (8). Numbers in brackets are bytes.
    func sums(_ address: ItemAddress) -> EntrySums {
        let key = address.key.bytes
        var bytes: [UInt8] = []
        bytes.reserveCapacity(key.count + 35)
        bytes.appendBigEndian(address.table.rawValue)
        bytes.appendBigEndian(UInt16(key.count))
        bytes.append(contentsOf: key)
        ItemRecord.appendHeader(self, to: &bytes)
        return EntrySums(
            digest: xxh3(bytes), live: isTombstone ? 0 : 1, tombstones: isTombstone ? 1 : 0,
            bytes: UInt64(key.count + valueBytes))
    }
}
