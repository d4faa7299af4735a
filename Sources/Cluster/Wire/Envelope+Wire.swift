internal import Base

// Wire layout of `Envelope`, field sizes in bytes: cluster id (16), record hash (8), sender (length 1, text), target
// (length 1, text), store id (16), boot nonce (8), replaced stores (count 2, then member 2 and store id 16 each).
extension Envelope {
    static let maximumWireBytes = 2 * StoreID.byteCount + 16 + 2 * (1 + NodeID.maximumBytes) + 2
        + WireLimits.knownNodes * Replacement.wireBytes

    func append(to bytes: inout [UInt8]) {
        clusterID.append(to: &bytes)
        bytes.appendBigEndian(recordHash)
        bytes.appendNodeID(sender)
        bytes.appendNodeID(target)
        storeID.append(to: &bytes)
        bytes.appendBigEndian(bootNonce)
        bytes.appendBigEndian(UInt16(replacements.count))
        for replacement in replacements { replacement.append(to: &bytes) }
    }

    init(reading reader: inout WireReader) throws(WireError) {
        self.init(
            clusterID: try reader.clusterID(), recordHash: try reader.integer(UInt64.self, .record),
            sender: try reader.nodeID(), target: try reader.nodeID(), storeID: try reader.storeID(),
            bootNonce: try reader.integer(UInt64.self, .number), replacements: try Self.replacements(reading: &reader))
    }

    private static func replacements(reading reader: inout WireReader) throws(WireError) -> [Replacement] {
        let count = try reader.count(
            UInt16.self, .replacements, limit: WireLimits.knownNodes, eachBytes: Replacement.wireBytes)
        var replacements: [Replacement] = []
        for _ in 0..<count {
            let start = reader.offset
            let member = MemberIndex(Int(try reader.integer(UInt16.self, .replacements)))
            if let last = replacements.last, last.member >= member { throw .invalid(.replacements, offset: start) }
            replacements.append(Replacement(member: member, storeID: try reader.storeID()))
        }
        return replacements
    }
}

extension Envelope.Replacement {
    static let wireBytes = 2 + StoreID.byteCount

    func append(to bytes: inout [UInt8]) {
        bytes.appendBigEndian(UInt16(member.rawValue))
        storeID.append(to: &bytes)
    }
}
