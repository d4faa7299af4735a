internal import Base
internal import Cluster

// The keys of the families `items`, `index`, `leaves` and `hints`. Numbers in brackets are bytes; numbers are
// big-endian.
//
// The keys of `items`, `index` and `leaves` begin with the table id, so that a table is one range of keys. An item key
// is UTF-8 and so has no byte FF, and a leaf number is below 64. A table id followed by three bytes FF therefore sorts
// after all of the table's rows.

enum RowKey {
    static let tableBytes = 8
    static let indexPrefixBytes = tableBytes + 3

    /// Row key of the column family `items`: table id (8 bytes), item key.
    static func item(_ table: TableID, _ key: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        appendItem(table, key, to: &bytes)
        return bytes
    }

    static func appendItem(_ table: TableID, _ key: [UInt8], to bytes: inout [UInt8]) {
        bytes.reserveCapacity(tableBytes + key.count)
        bytes.appendBigEndian(table.rawValue)
        bytes.append(contentsOf: key)
    }

    /// Row key of the column family `leaves`: table id (8 bytes), partition (2 bytes), leaf number (1 byte).
    static func leaf(_ address: LeafAddress) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(indexPrefixBytes)
        appendLeaf(address, to: &bytes)
        return bytes
    }

    static func appendLeaf(_ address: LeafAddress, to bytes: inout [UInt8]) {
        bytes.appendBigEndian(address.table.rawValue)
        bytes.appendBigEndian(address.place.partition.rawValue)
        bytes.append(address.place.leaf)
    }

    /// Row key of the column family `index`: the row key of the leaf in `leaves`, then the item key.
    static func index(_ address: LeafAddress, _ key: [UInt8]) -> [UInt8] {
        leaf(address) + key
    }

    /// Row key of the column family `hints`: member index of the hint's target (2 bytes), table id (8 bytes), item key.
    /// The hints of one target are therefore one range of keys.
    static func hint(_ address: HintAddress) -> [UInt8] {
        hintPrefix(address.target) + item(address.place.table, address.place.key.bytes)
    }

    /// The range of row keys of one target's hints after `place`, or of all its hints if `place` is nil.
    static func hints(of target: MemberIndex, after place: RowPlace?) -> (lower: [UInt8], upper: [UInt8]) {
        let prefix = hintPrefix(target)
        let upper = prefix + [UInt8](repeating: 0xFF, count: tableBytes + 1)
        // In the order of bytes, the first key after a given key is that key followed by a zero byte.
        return (place.map { hint(HintAddress(target: target, place: $0)) + [0] } ?? prefix, upper)
    }

    static func hintPlace(of row: Span<UInt8>) -> (target: MemberIndex, place: RowPlace)? {
        guard let target = row.bigEndian(at: 0, as: UInt16.self) else { return nil }
        let rest = row.extracting(hintPrefixBytes..<row.count)
        guard let table = table(of: rest), let key = itemKey(of: rest) else { return nil }
        return (MemberIndex(Int(target)), RowPlace(table: table, key: key))
    }

    private static let hintPrefixBytes = 2

    private static func hintPrefix(_ target: MemberIndex) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(UInt16(target.rawValue))
        return bytes
    }

    /// A range that holds all rows of `table` and no others.
    static func range(of table: TableID) -> (lower: [UInt8], upper: [UInt8]) {
        var lower: [UInt8] = []
        lower.appendBigEndian(table.rawValue)
        return (lower, lower + [0xFF, 0xFF, 0xFF])
    }

    /// Decodes the table id from a row key of the column family `items`, `index` or `leaves`.
    static func table(of row: Span<UInt8>) -> TableID? {
        row.bigEndian(at: 0, as: UInt64.self).map { TableID(rawValue: $0) }
    }

    /// Decodes the item key from a row key of the column family `items`.
    static func itemKey(of row: Span<UInt8>) -> ItemKey? {
        guard row.count > tableBytes, row.count - tableBytes <= ItemKey.maximumBytes else { return nil }
        return ItemKey(stored: Array(copying: row.extracting(tableBytes..<row.count)))
    }

    /// Decodes the item key from a row key of the column family `index`.
    static func indexKey(of row: Span<UInt8>) -> ItemKey? {
        guard row.count > indexPrefixBytes, row.count - indexPrefixBytes <= ItemKey.maximumBytes else { return nil }
        return ItemKey(stored: Array(copying: row.extracting(indexPrefixBytes..<row.count)))
    }

    static func leafAddress(of row: Span<UInt8>) -> LeafAddress? {
        guard row.count == indexPrefixBytes, let table = table(of: row),
            let partition = row.bigEndian(at: tableBytes, as: UInt16.self)
        else { return nil }
        let leaf = row[indexPrefixBytes - 1]
        guard leaf < KeyPlace.leavesPerPartition else { return nil }
        return LeafAddress(table: table, place: KeyPlace(partition: PartitionID(rawValue: partition), leaf: leaf))
    }
}

struct ItemAddress: Hashable {
    let table: TableID
    let key: ItemKey
}

struct LeafAddress: Hashable {
    let table: TableID
    let place: KeyPlace
}

struct HintAddress: Hashable {
    let target: MemberIndex
    let place: RowPlace
}
