internal import Base

// Wire encoding of anti-entropy and purge calls.

// Wire layout of `TreeDigest`, field sizes in bytes: roots (8), catalog (8).
extension TreeDigest {
    func append(to bytes: inout [UInt8]) {
        bytes.appendBigEndian(roots)
        bytes.appendBigEndian(catalog)
    }

    init(reading reader: inout WireReader) throws(WireError) {
        self.init(
            roots: try reader.integer(UInt64.self, .number), catalog: try reader.integer(UInt64.self, .number))
    }
}

// Wire layout of `LeafRequest`, field sizes in bytes: partition (2), leaf (1), flags (1, bit 0: has a row to start
// after), that row, limit (2).
extension LeafRequest {
    private static let afterFlag: UInt8 = 1

    var wireBytes: Int { 6 + (after?.wireBytes ?? 0) }

    func append(to bytes: inout [UInt8]) {
        bytes.appendBigEndian(place.partition.rawValue)
        bytes.append(place.leaf)
        bytes.append(after == nil ? 0 : Self.afterFlag)
        after?.append(to: &bytes)
        bytes.appendBigEndian(UInt16(min(max(limit, 1), WireLimits.leafRows)))
    }

    init(reading reader: inout WireReader) throws(WireError) {
        let partition = try reader.partition()
        let start = reader.offset
        let leaf = try reader.integer(UInt8.self, .leaf)
        guard leaf < KeyPlace.leavesPerPartition else { throw .invalid(.leaf, offset: start) }
        let isBehind = try reader.flags(known: Self.afterFlag) != 0
        let after = isBehind ? try RowPlace(reading: &reader) : nil
        let limit = Int(try reader.integer(UInt16.self, .number))
        guard (1...WireLimits.leafRows).contains(limit) else { throw .invalid(.number, offset: reader.offset - 2) }
        self.init(KeyPlace(partition: partition, leaf: leaf), after: after, limit: limit)
    }
}

// Wire layout of `RowPlace`, field sizes in bytes: table id (8), key (length 2, bytes).
extension RowPlace {
    var wireBytes: Int { 10 + key.bytes.count }

    func append(to bytes: inout [UInt8]) {
        bytes.appendBigEndian(table.rawValue)
        bytes.appendKey(key)
    }

    init(reading reader: inout WireReader) throws(WireError) {
        self.init(
            table: TableID(rawValue: try reader.integer(UInt64.self, .tableIndex)), key: try reader.key())
    }
}

// Wire layout of `PartitionLeaves`, field sizes in bytes: partition (2), purge mark (8), flags (1, bit 0: recovering),
// leaf digests (8 each).
extension PartitionLeaves {
    static let wireBytes = 2 + 8 + 1 + 8 * KeyPlace.leavesPerPartition
    private static let recoveringFlag: UInt8 = 1

    func append(to bytes: inout [UInt8]) {
        precondition(digests.count == KeyPlace.leavesPerPartition, "a partition has the wrong number of leaf digests")
        bytes.appendBigEndian(partition.rawValue)
        bytes.appendBigEndian(purged.rawValue)
        bytes.append(isRecovering ? Self.recoveringFlag : 0)
        for digest in digests { bytes.appendBigEndian(digest) }
    }

    init(reading reader: inout WireReader) throws(WireError) {
        let partition = try reader.partition()
        let purged = try reader.mark()
        let isRecovering = try reader.flags(known: Self.recoveringFlag) != 0
        var digests: [UInt64] = []
        digests.reserveCapacity(KeyPlace.leavesPerPartition)
        for _ in 0..<KeyPlace.leavesPerPartition { digests.append(try reader.integer(UInt64.self, .leaves)) }
        self.init(partition: partition, purged: purged, isRecovering: isRecovering, digests: digests)
    }
}

// Wire layout of `LeafList`, field sizes in bytes: flags (1, bit 0: has more), rows (count 2). Each row: flags (1, bit
// 0: tombstone, bit 1: same table as the previous row), table id (8, unless it is the same), key (length 2, bytes),
// version (16), checksum (8). Rows ascend.
extension LeafList {
    private static let moreFlag: UInt8 = 1
    private static let sameTableFlag: UInt8 = 2
    private static let rowOverheadBytes = 1 + 8 + 2 + Version.byteCount + 8

    var wireBytes: Int { rows.reduce(3) { $0 + Self.rowOverheadBytes + $1.place.key.bytes.count } }

    func append(to bytes: inout [UInt8]) {
        precondition(rows.count <= WireLimits.leafRows, "a leaf list has more rows than the wire format allows")
        bytes.append(hasMore ? Self.moreFlag : 0)
        bytes.appendBigEndian(UInt16(rows.count))
        var last: TableID?
        for row in rows {
            let isSame = row.place.table == last
            bytes.append(
                (row.held.isTombstone ? StoredItem.tombstoneFlag : 0) | (isSame ? Self.sameTableFlag : 0))
            if !isSame { bytes.appendBigEndian(row.place.table.rawValue) }
            bytes.appendKey(row.place.key)
            row.held.version.append(to: &bytes)
            bytes.appendBigEndian(row.held.checksum)
            last = row.place.table
        }
    }

    init(reading reader: inout WireReader) throws(WireError) {
        let hasMore = try reader.flags(known: Self.moreFlag) != 0
        let count = try reader.count(
            UInt16.self, .rows, limit: WireLimits.leafRows, eachBytes: Self.rowOverheadBytes - 8 + 1)
        var rows: [Row] = []
        rows.reserveCapacity(count)
        for _ in 0..<count { rows.append(try Self.row(behind: rows.last, reading: &reader)) }
        self.init(rows: rows, hasMore: hasMore)
    }

    private static func row(behind last: Row?, reading reader: inout WireReader) throws(WireError) -> Row {
        let start = reader.offset
        let flags = try reader.flags(known: StoredItem.tombstoneFlag | sameTableFlag)
        let table: TableID
        if flags & sameTableFlag != 0 {
            guard let last else { throw .invalid(.rows, offset: start) }
            table = last.place.table
        } else {
            table = TableID(rawValue: try reader.integer(UInt64.self, .tableIndex))
            if table == last?.place.table { throw .invalid(.rows, offset: start) }
        }
        let place = RowPlace(table: table, key: try reader.key())
        if let last, last.place >= place { throw .invalid(.rows, offset: start) }
        let version = try reader.version()
        return Row(
            place: place,
            held: HeldVersion(
                version: version, isTombstone: flags & StoredItem.tombstoneFlag != 0,
                checksum: try reader.integer(UInt64.self, .number)))
    }
}

extension [UInt8] {
    /// Appends partition ids. Wire layout, field sizes in bytes: count (2), partitions (2 each).
    mutating func appendPartitions(_ partitions: [PartitionID]) {
        precondition(partitions.count <= WireLimits.leavesPartitions, "a call asks for leaves of too many partitions")
        appendBigEndian(UInt16(partitions.count))
        for partition in partitions { appendBigEndian(partition.rawValue) }
    }

    /// Appends the roots of partitions. Wire layout, field sizes in bytes: count (4), roots (8 each).
    mutating func appendRoots(_ roots: [UInt64]) {
        appendBigEndian(UInt32(roots.count))
        for root in roots { appendBigEndian(root) }
    }

    /// Appends the leaf digests of partitions. Wire layout, field sizes in bytes: count (2), leaves of each partition.
    mutating func appendLeaves(_ leaves: [PartitionLeaves]) {
        appendBigEndian(UInt16(leaves.count))
        for partition in leaves { partition.append(to: &self) }
    }

    /// Appends the states of all tables. Wire layout, field sizes in bytes: count (4), table states. Requires: at most
    /// `WireLimits.tablesInGossip` states.
    mutating func appendCatalog(_ states: [TableState]) {
        appendBigEndian(UInt32(states.count))
        for state in states { state.append(to: &self) }
    }
}

extension WireReader {
    mutating func partitions() throws(WireError) -> [PartitionID] {
        let count = try count(UInt16.self, .partition, limit: WireLimits.leavesPartitions, eachBytes: 2)
        var partitions: [PartitionID] = []
        for _ in 0..<count { partitions.append(try partition()) }
        return partitions
    }

    mutating func roots() throws(WireError) -> [UInt64] {
        let count = try count(UInt32.self, .leaves, limit: WireLimits.partitions, eachBytes: 8)
        var roots: [UInt64] = []
        roots.reserveCapacity(count)
        for _ in 0..<count { roots.append(try integer(UInt64.self, .leaves)) }
        return roots
    }

    mutating func leaves() throws(WireError) -> [PartitionLeaves] {
        let count = try count(
            UInt16.self, .leaves, limit: WireLimits.leavesPartitions, eachBytes: PartitionLeaves.wireBytes)
        var leaves: [PartitionLeaves] = []
        for _ in 0..<count { leaves.append(try PartitionLeaves(reading: &self)) }
        return leaves
    }

    mutating func catalog() throws(WireError) -> [TableState] {
        let count = try count(
            UInt32.self, .catalog, limit: WireLimits.tablesInGossip, eachBytes: TableState.minimumWireBytes)
        var states: [TableState] = []
        states.reserveCapacity(count)
        for _ in 0..<count { states.append(try TableState(reading: &self)) }
        return states
    }
}
