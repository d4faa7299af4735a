internal import Base

// Wire layout of `RequestTrace`, field sizes in bytes: request id (length 1, bytes), trace id (16), span id (8), trace
// flags (1).
extension RequestTrace {
    static let maximumWireBytes = 1 + WireLimits.requestIDBytes + 25

    func append(to bytes: inout [UInt8]) {
        precondition(requestID.count <= WireLimits.requestIDBytes, "a request id is longer than the wire format allows")
        bytes.append(UInt8(requestID.count))
        bytes.append(contentsOf: requestID)
        bytes.appendBigEndian(traceHigh)
        bytes.appendBigEndian(traceLow)
        bytes.appendBigEndian(spanID)
        bytes.append(traceFlags)
    }

    init(reading reader: inout WireReader) throws(WireError) {
        let start = reader.offset
        let length = Int(try reader.integer(UInt8.self, .requestID))
        guard length <= WireLimits.requestIDBytes else {
            throw .tooMany(.requestID, count: length, limit: WireLimits.requestIDBytes, offset: start)
        }
        self.init(
            requestID: try reader.bytes(length, .requestID), traceHigh: try reader.integer(UInt64.self, .number),
            traceLow: try reader.integer(UInt64.self, .number), spanID: try reader.integer(UInt64.self, .number),
            traceFlags: try reader.integer(UInt8.self, .number))
    }
}
