internal import Base
internal import Cluster

// The value of a row of `items`: version (16), flags (1, bit 0: tombstone), checksum (8), then the item's value.
// Numbers in brackets are bytes. The checksum is XXH3 of the value. It is stored so that answers to version requests
// and leaf digests need not hash the value again, and to detect damage that RocksDB's own block checksums missed.

enum ItemRecord {
    static let headerBytes = Version.byteCount + 1 + 8
    private static let tombstoneFlag: UInt8 = 1

    enum Damage: Error, Equatable {
        case tooShort(bytes: Int)
        case unknownFlags(UInt8)
        case tombstoneWithValue(bytes: Int)
        case checksum(stored: UInt64, computed: UInt64)
    }

    static func append(_ item: StoredItem, header: EntryHeader, to bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count + headerBytes + item.value.count)
        appendHeader(header, to: &bytes)
        bytes.append(contentsOf: item.value)
    }

    static func appendHeader(_ header: EntryHeader, to bytes: inout [UInt8]) {
        header.version.append(to: &bytes)
        bytes.append(header.isTombstone ? tombstoneFlag : 0)
        bytes.appendBigEndian(header.checksum)
    }

    /// Decodes the header of an item record, and does not check the value against its checksum.
    static func header(_ record: Span<UInt8>) throws(Damage) -> EntryHeader {
        guard let version = Version(bytes: record),
            let checksum = record.bigEndian(at: headerBytes - 8, as: UInt64.self)
        else { throw .tooShort(bytes: record.count) }
        let flags = record[Version.byteCount]
        guard flags & ~tombstoneFlag == 0 else { throw .unknownFlags(flags) }
        let valueBytes = record.count - headerBytes
        let isTombstone = flags & tombstoneFlag != 0
        guard !isTombstone || valueBytes == 0 else { throw .tombstoneWithValue(bytes: valueBytes) }
        return EntryHeader(version: version, isTombstone: isTombstone, checksum: checksum, valueBytes: valueBytes)
    }

    static func item(_ record: Span<UInt8>) throws(Damage) -> StoredItem {
        let header = try header(record)
        let value = record.extracting(headerBytes..<record.count)
        let computed = xxh3(value)
        guard computed == header.checksum else { throw .checksum(stored: header.checksum, computed: computed) }
        return StoredItem(version: header.version, isTombstone: header.isTombstone, value: Array(copying: value))
    }
}

extension ItemRecord.Damage: CustomStringConvertible {
    var description: String {
        switch self {
        case .tooShort(let bytes): "it has \(bytes) bytes, fewer than its header"
        case .unknownFlags(let flags): "its flags are \(flags), which has unknown bits"
        case .tombstoneWithValue(let bytes): "it is a tombstone with a value of \(bytes) bytes"
        case .checksum(let stored, let computed):
            "its value has the checksum \(computed.hex), but the record says \(stored.hex)"
        }
    }
}
