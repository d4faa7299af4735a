internal import Base

// Wire layout of `GossipMessage`, field sizes in bytes: sender, wall time (8), target (length 1, text; empty for none),
// record of the target (flag 1, node), known nodes (count 2), bootstrap view, catalog digest (8), catalog (count 4,
// table states).
extension GossipMessage {
    /// The heartbeat encoded as a message. Only the first `WireLimits.tablesInGossip` states of the table catalog are
    /// included. Requires: at most `WireLimits.knownNodes` known nodes.
    package var encoded: [UInt8] {
        precondition(known.count <= WireLimits.knownNodes, "a gossip message lists more nodes than the format allows")
        let catalog = Array(catalog.prefix(WireLimits.tablesInGossip))
        let weight = catalog.reduce(4096 + known.count * 128) { $0 + $1.wireBytes }
        return WireFormat.message(.gossip, reserving: weight) { bytes in
            sender.append(to: &bytes)
            bytes.appendBigEndian(wallMilliseconds)
            bytes.appendNodeID(target)
            bytes.append(seen == nil ? 0 : 1)
            seen?.append(to: &bytes)
            bytes.appendBigEndian(UInt16(known.count))
            for node in known { node.append(to: &bytes) }
            bootstrap.append(to: &bytes)
            bytes.appendBigEndian(catalogDigest)
            bytes.appendCatalog(catalog)
        }
    }

    package init(decoding bytes: [UInt8]) throws(WireError) {
        var reader = try WireFormat.open(bytes, as: .gossip)
        let sender = try NodeDescription(reading: &reader)
        let wallMilliseconds = try reader.wallMilliseconds()
        let target = try reader.optionalNodeID()
        let hasSeen = try reader.flags(known: 1) != 0
        let seen = hasSeen ? try NodeDescription(reading: &reader) : nil
        let known = try Self.known(reading: &reader)
        let bootstrap = try BootstrapView(reading: &reader)
        let digest = try reader.integer(UInt64.self, .number)
        let catalog = try reader.catalog()
        try reader.finish()
        self.init(
            sender: sender, wallMilliseconds: wallMilliseconds, target: target, seen: seen,
            known: known,
            bootstrap: bootstrap, catalogDigest: digest, catalog: catalog)
    }

    private static func known(reading reader: inout WireReader) throws(WireError) -> [NodeDescription] {
        let count = try reader.count(
            UInt16.self, .knownNodes, limit: WireLimits.knownNodes, eachBytes: NodeDescription.minimumWireBytes)
        var known: [NodeDescription] = []
        known.reserveCapacity(count)
        for _ in 0..<count { known.append(try NodeDescription(reading: &reader)) }
        return known
    }
}

// Wire layout of `NodeDescription`, field sizes in bytes: node id (length 1, text), address (length 1, text), store id
// (16), boot counter (8), boot nonce (8), durable sequence (8), sequence at opening (8), flags (1, bit 0: recovering).
extension NodeDescription {
    static let minimumWireBytes = 2 + 1 + StoreID.byteCount + 32 + 1
    private static let recoveringFlag: UInt8 = 1

    func append(to bytes: inout [UInt8]) {
        bytes.appendNodeID(nodeID)
        bytes.appendText(address, limit: WireLimits.addressBytes)
        storeID.append(to: &bytes)
        bytes.appendBigEndian(bootCounter)
        bytes.appendBigEndian(bootNonce)
        bytes.appendBigEndian(durableSequence)
        bytes.appendBigEndian(openedAtSequence)
        bytes.append(isRecovering ? Self.recoveringFlag : 0)
    }

    init(reading reader: inout WireReader) throws(WireError) {
        self.init(
            nodeID: try reader.nodeID(), address: try reader.text(.address, limit: WireLimits.addressBytes),
            storeID: try reader.storeID(), bootCounter: try reader.integer(UInt64.self, .number),
            bootNonce: try reader.integer(UInt64.self, .number),
            durableSequence: try reader.integer(UInt64.self, .number),
            openedAtSequence: try reader.integer(UInt64.self, .number),
            isRecovering: try reader.flags(known: Self.recoveringFlag) != 0)
    }
}
