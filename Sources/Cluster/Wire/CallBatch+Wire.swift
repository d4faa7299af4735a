internal import Base

// Wire layout of `CallBatch`, field sizes in bytes: envelope, tables (count 2, entries), calls (count 2, frames).
extension CallBatch {
    /// The batch of calls encoded as a message to another node. Requires: at most `WireLimits.callsPerBatch` calls,
    /// whose summed weights (upper bounds of their encoded sizes) stay below the size limit of a message.
    package var encoded: [UInt8] {
        precondition(calls.count <= WireLimits.callsPerBatch, "a batch has more calls than the wire format allows")
        var tables = BatchTables()
        var weight = Envelope.maximumWireBytes + 4
        for call in calls {
            weight += call.weightBytes
            if let table = call.operation.table { tables.index(of: table) }
        }
        return WireFormat.message(.calls, reserving: weight) { bytes in
            envelope.append(to: &bytes)
            tables.append(to: &bytes)
            bytes.appendBigEndian(UInt16(calls.count))
            for call in calls { call.append(to: &bytes, tables: &tables) }
        }
    }

    /// Decodes the whole batch. One malformed call makes the whole message invalid.
    package init(decoding bytes: [UInt8]) throws(WireError) {
        var reader = try WireFormat.open(bytes, as: .calls)
        let envelope = try Envelope(reading: &reader)
        var tables = try ReadBatchTables(reading: &reader)
        let count = try reader.count(
            UInt16.self, .calls, limit: WireLimits.callsPerBatch, eachBytes: PeerCall.minimumWireBytes)
        var calls: [PeerCall] = []
        calls.reserveCapacity(count)
        for _ in 0..<count { calls.append(try PeerCall(reading: &reader, tables: &tables)) }
        try tables.finish(reader)
        try reader.finish()
        self.init(envelope, calls: calls)
    }
}
