internal import Base

// Wire layout of `TableState`, field sizes in bytes: name (length 1, text), generation (8), flags (1, bit 0: deleted),
// creation time (8).
extension TableState {
    static let minimumWireBytes = 1 + 1 + 8 + 1 + 8
    private static let deletedFlag: UInt8 = 1

    var wireBytes: Int { Self.minimumWireBytes + name.description.utf8.count }

    func append(to bytes: inout [UInt8]) {
        bytes.appendTableName(name)
        bytes.appendBigEndian(generation)
        bytes.append(isDeleted ? Self.deletedFlag : 0)
        bytes.appendBigEndian(createdAtMilliseconds)
    }

    init(reading reader: inout WireReader) throws(WireError) {
        let name = try reader.tableName()
        let start = reader.offset
        let generation = try reader.integer(UInt64.self, .generation)
        guard (1...WireLimits.generation).contains(generation) else {
            throw .invalid(.generation, offset: start)
        }
        self.init(
            name: name, generation: generation, isDeleted: try reader.flags(known: Self.deletedFlag) != 0,
            createdAtMilliseconds: try reader.wallMilliseconds())
    }
}
