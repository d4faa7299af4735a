internal import Base

// Cluster id (16), record hash (8), sender (length 1, text), target (length 1, text), store id (16), boot nonce (8).
extension Envelope {
    static let maximumWireBytes = 2 * StoreID.byteCount + 16 + 2 * (1 + WireLimits.nodeIDBytes)

    func append(to bytes: inout [UInt8]) {
        clusterID.append(to: &bytes)
        bytes.appendBigEndian(recordHash)
        bytes.appendNodeID(sender)
        bytes.appendNodeID(target)
        storeID.append(to: &bytes)
        bytes.appendBigEndian(bootNonce)
    }

    init(reading reader: inout WireReader) throws(WireError) {
        self.init(
            clusterID: try reader.storeID(.clusterID), recordHash: try reader.integer(UInt64.self, .record),
            sender: try reader.nodeID(), target: try reader.nodeID(), storeID: try reader.storeID(),
            bootNonce: try reader.integer(UInt64.self, .number))
    }
}
