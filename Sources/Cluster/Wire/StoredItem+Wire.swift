internal import Base

// Wire layout of `StoredItem`, field sizes in bytes: version (16), flags (1, bit 0: tombstone), value (length 4,
// bytes). The value of a tombstone is empty.
extension StoredItem {
    static let minimumWireBytes = Version.byteCount + 1 + 4
    static let tombstoneFlag: UInt8 = 1

    func append(to bytes: inout [UInt8]) {
        precondition(!isTombstone || value.isEmpty, "a tombstone has a value")
        version.append(to: &bytes)
        bytes.append(isTombstone ? Self.tombstoneFlag : 0)
        bytes.appendBigEndian(UInt32(value.count))
        bytes.append(contentsOf: value)
    }

    init(reading reader: inout WireReader) throws(WireError) {
        let version = try reader.version()
        let isTombstone = try reader.flags(known: Self.tombstoneFlag) != 0
        let start = reader.offset
        let length = Int(try reader.integer(UInt32.self, .value))
        guard !isTombstone || length == 0 else { throw .invalid(.value, offset: start) }
        self.init(version: version, isTombstone: isTombstone, value: try reader.bytes(length, .value))
    }
}

// Wire layout of `HeldVersion`, field sizes in bytes: version (16), flags (1, bit 0: tombstone), checksum of the value
// (8).
extension HeldVersion {
    func append(to bytes: inout [UInt8]) {
        version.append(to: &bytes)
        bytes.append(isTombstone ? StoredItem.tombstoneFlag : 0)
        bytes.appendBigEndian(checksum)
    }

    init(reading reader: inout WireReader) throws(WireError) {
        self.init(
            version: try reader.version(), isTombstone: try reader.flags(known: StoredItem.tombstoneFlag) != 0,
            checksum: try reader.integer(UInt64.self, .number))
    }
}
