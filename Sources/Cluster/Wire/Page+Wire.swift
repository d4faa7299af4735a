internal import Base

// Wire layout of `Page`, field sizes in bytes: flags (1, bit 0: has more), last key examined (only if it has more),
// entries (count 4, key and item each).
extension Page {
    private static let moreFlag: UInt8 = 1
    private static let minimumEntryBytes = 2 + 1 + StoredItem.minimumWireBytes

    /// An upper bound of the page's encoded size in bytes.
    var wireBytes: Int {
        entries.reduce(7 + (next?.bytes.count ?? 0)) {
            $0 + Self.minimumEntryBytes + $1.key.bytes.count + $1.item.value.count
        }
    }

    /// Whether the page has no more entries than the wire format allows.
    var isWithinLimits: Bool { entries.count <= WireLimits.pageEntries }

    func append(to bytes: inout [UInt8]) {
        bytes.append(next == nil ? 0 : Self.moreFlag)
        if let next { bytes.appendKey(next) }
        bytes.appendBigEndian(UInt32(entries.count))
        for entry in entries {
            bytes.appendKey(entry.key)
            entry.item.append(to: &bytes)
        }
    }

    init(reading reader: inout WireReader) throws(WireError) {
        let hasMore = try reader.flags(known: Self.moreFlag) != 0
        let next = hasMore ? try reader.key() : nil
        let count = try reader.count(
            UInt32.self, .entries, limit: WireLimits.pageEntries, eachBytes: Self.minimumEntryBytes)
        var entries: [Entry] = []
        entries.reserveCapacity(count)
        for _ in 0..<count {
            entries.append(Entry(key: try reader.key(), item: try StoredItem(reading: &reader)))
        }
        self.init(entries: entries, next: next)
    }
}

// Wire layout of `PartitionSums`, field sizes in bytes: hash (8), live (8), tombstones (8), bytes (8).
extension PartitionSums {
    static let wireBytes = 32

    func append(to bytes: inout [UInt8]) {
        for field in [hash, live, tombstones, self.bytes] { bytes.appendBigEndian(field) }
    }

    init(reading reader: inout WireReader) throws(WireError) {
        self.init(
            hash: try reader.integer(UInt64.self, .sums), live: try reader.integer(UInt64.self, .sums),
            tombstones: try reader.integer(UInt64.self, .sums), bytes: try reader.integer(UInt64.self, .sums))
    }
}
