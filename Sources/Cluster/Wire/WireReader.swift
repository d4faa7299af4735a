internal import Base

/// Decodes a message from front to back. Lengths and counts are checked against the remaining bytes before anything is
/// allocated for them.
struct WireReader {
    private let bytes: [UInt8]
    private let end: Int
    private(set) var offset = 0

    /// Creates a reader of the bytes before the offset `end`. Requires: 0 <= `end` <= `bytes.count`.
    init(_ bytes: [UInt8], end: Int) {
        self.bytes = bytes
        self.end = end
    }

    private var remaining: Int { end - offset }

    mutating func integer<Integer: FixedWidthInteger & UnsignedInteger>(
        _ type: Integer.Type, _ field: WireField
    ) throws(WireError) -> Integer {
        let size = MemoryLayout<Integer>.size
        guard size <= remaining, let value = bytes.span.bigEndian(at: offset, as: type) else {
            throw .cutShort(field, offset: offset)
        }
        offset += size
        return value
    }

    mutating func bytes(_ count: Int, _ field: WireField) throws(WireError) -> [UInt8] {
        guard count <= remaining else { throw .cutShort(field, offset: offset) }
        defer { offset += count }
        return Array(copying: bytes.span.extracting(offset..<(offset + count)))
    }

    /// Reads an element count. Each element takes at least `eachBytes`, so a count that cannot fit is rejected.
    mutating func count<Integer: FixedWidthInteger & UnsignedInteger>(
        _ type: Integer.Type, _ field: WireField, limit: Int, eachBytes: Int
    ) throws(WireError) -> Int {
        let start = offset
        let count = Int(clamping: try integer(type, field))
        guard count <= limit else { throw .tooMany(field, count: count, limit: limit, offset: start) }
        guard count <= remaining / eachBytes else { throw .cutShort(field, offset: start) }
        return count
    }

    /// Reads a flags byte. Unknown bits are rejected, so that later versions can give them a meaning.
    mutating func flags(known: UInt8) throws(WireError) -> UInt8 {
        let flags = try integer(UInt8.self, .flags)
        guard flags & ~known == 0 else { throw .invalid(.flags, offset: offset - 1) }
        return flags
    }

    func finish() throws(WireError) {
        guard offset == end else { throw .trailing(offset: offset) }
    }
}


extension WireReader {
    /// Reads text with a 1-byte length prefix.
    mutating func text(_ field: WireField, limit: Int) throws(WireError) -> String {
        let start = offset
        let length = Int(try integer(UInt8.self, field))
        guard length <= limit else { throw .tooMany(field, count: length, limit: limit, offset: start) }
        return try text(bytes(length, field), field, from: start)
    }

    func text(_ bytes: [UInt8], _ field: WireField, from start: Int) throws(WireError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .invalid(field, offset: start) }
        return text
    }

    mutating func nodeID() throws(WireError) -> NodeID {
        let start = offset
        guard let nodeID = try optionalNodeID() else { throw .invalid(.nodeID, offset: start) }
        return nodeID
    }

    /// Reads a node id; nil for an empty text.
    mutating func optionalNodeID() throws(WireError) -> NodeID? {
        NodeID(try text(.nodeID, limit: NodeID.maximumBytes))
    }

    mutating func clusterID() throws(WireError) -> ClusterID {
        ClusterID(high: try integer(UInt64.self, .clusterID), low: try integer(UInt64.self, .clusterID))
    }

    mutating func storeID() throws(WireError) -> StoreID {
        StoreID(high: try integer(UInt64.self, .storeID), low: try integer(UInt64.self, .storeID))
    }

    mutating func partition() throws(WireError) -> PartitionID {
        PartitionID(rawValue: try integer(UInt16.self, .partition))
    }

    mutating func wallMilliseconds() throws(WireError) -> UInt64 {
        let start = offset
        let time = try integer(UInt64.self, .wallTime)
        guard time <= WireLimits.wallMilliseconds else { throw .invalid(.wallTime, offset: start) }
        return time
    }

    mutating func tableName() throws(WireError) -> TableName {
        let start = offset
        let length = Int(try integer(UInt8.self, .tableName))
        let bytes = try bytes(length, .tableName)
        do {
            return try TableName(validating: bytes)
        } catch {
            throw .invalid(.tableName, offset: start)
        }
    }

    mutating func key() throws(WireError) -> ItemKey {
        let start = offset
        let length = Int(try integer(UInt16.self, .key))
        guard length <= ItemKey.maximumBytes else {
            throw .tooMany(.key, count: length, limit: ItemKey.maximumBytes, offset: start)
        }
        let bytes = try bytes(length, .key)
        do {
            return try ItemKey(validating: bytes)
        } catch {
            throw .invalid(.key, offset: start)
        }
    }

    /// Reads a purge mark or promise. The highest timestamp is rejected, because no version could exceed it.
    mutating func mark() throws(WireError) -> HybridTimestamp {
        let start = offset
        let clock = try integer(UInt64.self, .version)
        guard clock != .max else { throw .invalid(.version, offset: start) }
        return HybridTimestamp(rawValue: clock)
    }

    /// Reads a version. Zero is rejected because it is never issued, the highest clock because nothing could follow it.
    mutating func version() throws(WireError) -> Version {
        let start = offset
        let clock = try integer(UInt64.self, .version)
        let writeID = try integer(UInt64.self, .version)
        guard clock | writeID != 0, clock != .max else { throw .invalid(.version, offset: start) }
        return Version(clock: HybridTimestamp(rawValue: clock), writeID: writeID)
    }
}
