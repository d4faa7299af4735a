internal import Base
internal import Cluster

// The value of a row of `items`: version (16), flags (1, bit 0: tombstone), checksum (8), then the item's value.
// The checksum is XXH3 of the value. It is stored so that version answers and leaf digests need not hash the value
// anew, and so that rot which slipped past RocksDB's own block checksums is seen.

enum ItemRecord {
    static let headBytes = Version.byteCount + 1 + 8
    private static let tombstoneFlag: UInt8 = 1

    enum Damage: Error, Equatable {
        case tooShort(bytes: Int)
        case unknownFlags(UInt8)
        case tombstoneWithValue(bytes: Int)
        case checksum(stored: UInt64, computed: UInt64)
    }

    static func append(_ item: StoredItem, mark: EntryHeader, to bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count + headBytes + item.value.count)
        appendHead(mark, to: &bytes)
        bytes.append(contentsOf: item.value)
    }

    static func appendHead(_ mark: EntryHeader, to bytes: inout [UInt8]) {
        mark.version.append(to: &bytes)
        bytes.append(mark.isTombstone ? tombstoneFlag : 0)
        bytes.appendBigEndian(mark.checksum)
    }

    /// Reads the head only: the value is not held against its checksum.
    static func mark(_ record: Span<UInt8>) throws(Damage) -> EntryHeader {
        guard let version = Version(bytes: record),
            let checksum = record.bigEndian(at: headBytes - 8, as: UInt64.self)
        else { throw .tooShort(bytes: record.count) }
        let flags = record[Version.byteCount]
        guard flags & ~tombstoneFlag == 0 else { throw .unknownFlags(flags) }
        let valueBytes = record.count - headBytes
        let isTombstone = flags & tombstoneFlag != 0
        guard !isTombstone || valueBytes == 0 else { throw .tombstoneWithValue(bytes: valueBytes) }
        return EntryHeader(version: version, isTombstone: isTombstone, checksum: checksum, valueBytes: valueBytes)
    }

    static func item(_ record: Span<UInt8>) throws(Damage) -> StoredItem {
        let mark = try mark(record)
        let value = record.extracting(headBytes..<record.count)
        let computed = xxh3(value)
        guard computed == mark.checksum else { throw .checksum(stored: mark.checksum, computed: computed) }
        return StoredItem(version: mark.version, isTombstone: mark.isTombstone, value: Array(copying: value))
    }
}

extension ItemRecord.Damage: CustomStringConvertible {
    var description: String {
        switch self {
        case .tooShort(let bytes): "it has \(bytes) bytes, fewer than its head needs"
        case .unknownFlags(let flags): "its flags are \(flags), of which some have no meaning"
        case .tombstoneWithValue(let bytes): "it is a tombstone, yet bears \(bytes) bytes of value"
        case .checksum(let stored, let computed):
            "its value has the checksum \(computed.hex), and \(stored.hex) was stored with it"
        }
    }
}
