internal import Base

// How text and keys are written; `WireReader` reads them back.

extension [UInt8] {
    /// Behind a length of one byte. Requires: at most `limit` bytes, which is at most 255.
    mutating func appendText(_ text: String, limit: Int) {
        precondition(text.utf8.count <= limit, "a text was sent that every node would refuse for its length")
        append(UInt8(text.utf8.count))
        append(contentsOf: text.utf8)
    }

    mutating func appendNodeID(_ nodeID: NodeID?) {
        appendText(nodeID?.description ?? "", limit: NodeID.maximumBytes)
    }

    mutating func appendTableName(_ name: TableName) {
        appendText(name.description, limit: TableName.maximumBytes)
    }

    mutating func appendKey(_ key: ItemKey) {
        appendBigEndian(UInt16(key.bytes.count))
        append(contentsOf: key.bytes)
    }
}
