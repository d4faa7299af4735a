internal import Base

// Encoding of text and keys; `WireReader` decodes them.

extension [UInt8] {
    /// Appends text with a 1-byte length prefix. Requires: at most `limit` bytes, and `limit` is at most 255.
    mutating func appendText(_ text: String, limit: Int) {
        precondition(text.utf8.count <= limit, "a text is longer than the wire format allows")
        append(UInt8(text.utf8.count))
        append(contentsOf: text.utf8)
    }

    mutating func appendNodeID(_ nodeID: String) {
        appendText(nodeID, limit: WireLimits.nodeIDBytes)
    }

    mutating func appendTableName(_ name: TableName) {
        appendText(name.description, limit: TableName.maximumBytes)
    }

    mutating func appendKey(_ key: ItemKey) {
        appendBigEndian(UInt16(key.bytes.count))
        append(contentsOf: key.bytes)
    }
}
