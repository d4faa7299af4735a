internal import Base

// Wire layout of `PageRequest`, field sizes in bytes: flags (1), limit (4), bytes (4), prefix (length 2, bytes), then
// start, end and after (length 2, bytes each), each only if its flag is set.
extension PageRequest {
    private static let reverseFlag: UInt8 = 1
    private static let keysOnlyFlag: UInt8 = 2
    private static let startFlag: UInt8 = 4
    private static let endFlag: UInt8 = 8
    private static let afterFlag: UInt8 = 16
    private static let knownFlags: UInt8 = 31

    var wireBytes: Int {
        17 + prefix.count + (start?.count ?? 0) + (end?.count ?? 0) + (after?.count ?? 0)
    }

    /// Appends the fields of a page request, except the table, which precedes them in the encoded call.
    func append(to bytes: inout [UInt8]) {
        precondition(
            (1...WireLimits.pageEntries).contains(limit) && (1...WireLimits.pageBytes).contains(maximumBytes),
            "a page request exceeds the wire format's limits")
        bytes.append(flags)
        bytes.appendBigEndian(UInt32(limit))
        bytes.appendBigEndian(UInt32(maximumBytes))
        Self.append(prefix, to: &bytes)
        for bound in [start, end, after] {
            if let bound { Self.append(bound, to: &bytes) }
        }
    }

    private var flags: UInt8 {
        (reverse ? Self.reverseFlag : 0) | (keysOnly ? Self.keysOnlyFlag : 0) | (start != nil ? Self.startFlag : 0)
            | (end != nil ? Self.endFlag : 0) | (after != nil ? Self.afterFlag : 0)
    }

    /// Clients may send bounds of any length. Bytes after the length of the longest key distinguish no two keys, so
    /// longer bounds are truncated.
    private static func append(_ bound: [UInt8], to bytes: inout [UInt8]) {
        let kept = bound.prefix(WireLimits.boundBytes)
        bytes.appendBigEndian(UInt16(kept.count))
        bytes.append(contentsOf: kept)
    }

    init(of table: TableState, reading reader: inout WireReader) throws(WireError) {
        self.init(table: table)
        let flags = try reader.flags(known: Self.knownFlags)
        reverse = flags & Self.reverseFlag != 0
        keysOnly = flags & Self.keysOnlyFlag != 0
        limit = try Self.limit(WireLimits.pageEntries, reading: &reader)
        maximumBytes = try Self.limit(WireLimits.pageBytes, reading: &reader)
        prefix = try Self.bound(reading: &reader)
        if flags & Self.startFlag != 0 { start = try Self.bound(reading: &reader) }
        if flags & Self.endFlag != 0 { end = try Self.bound(reading: &reader) }
        if flags & Self.afterFlag != 0 { after = try Self.bound(reading: &reader) }
    }

    private static func limit(_ maximum: Int, reading reader: inout WireReader) throws(WireError) -> Int {
        let start = reader.offset
        let limit = Int(try reader.integer(UInt32.self, .pageLimit))
        guard (1...maximum).contains(limit) else { throw .invalid(.pageLimit, offset: start) }
        return limit
    }

    private static func bound(reading reader: inout WireReader) throws(WireError) -> [UInt8] {
        let start = reader.offset
        let length = Int(try reader.integer(UInt16.self, .bound))
        guard length <= WireLimits.boundBytes else {
            throw .tooMany(.bound, count: length, limit: WireLimits.boundBytes, offset: start)
        }
        return try reader.bytes(length, .bound)
    }
}
