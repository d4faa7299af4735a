/// The pool of buffers in which responses are assembled. A connection borrows one from the first byte of a response
/// until the bytes are passed to the stream, so an idle connection holds none.
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
