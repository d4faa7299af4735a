/// Buffers that responses are put together in. A connection borrows one from the first byte of an answer until the
/// bytes are handed over, so that an idle one holds none.
struct OutputBuffers {
    private var free: [[UInt8]] = []

    mutating func take() -> [UInt8] {
        free.popLast() ?? []
    }

    mutating func giveBack(_ buffer: consuming [UInt8]) {
        guard free.count < HTTPServerLimits.keptBuffers, buffer.capacity <= HTTPServerLimits.keptBufferBytes
        else { return }
        buffer.removeAll(keepingCapacity: true)
        free.append(buffer)
    }
}
