// Writes text of many short pieces front to back into memory that was reserved for all of them. Appending to an array
// instead would check its capacity and its reference count for every piece.
//
// These functions are inlinable because a log line has about forty pieces: a literal of known length compiles to one or
// two stores, less than a call would cost. Writing more than was reserved ends the process.

extension Array where Element == UInt8 {
    /// Reserves `capacity` bytes and lets `fill` write up to that many. The method is not inlined: otherwise the
    /// optimiser splits the closure `fill` into its captured values and retains every reference among them, and a
    /// record of the access log has seven.
    @inline(never)
    package mutating func write(atMost capacity: Int, _ fill: (inout OutputSpan<UInt8>) -> Void) {
        append(addingCapacity: capacity, initializingWith: fill)
    }
}

extension OutputSpan where Element == UInt8 {
    /// Appends `count` bytes, all of which `fill` must write.
    @inlinable @inline(__always)
    mutating func append(count: Int, _ fill: (UnsafeMutableRawPointer) -> Void) {
        unsafe withUnsafeMutableBufferPointer { (room, filled) in
            precondition(count <= room.count - filled, "more bytes were written than reserved")
            guard let start = room.baseAddress else { return }
            unsafe fill(UnsafeMutableRawPointer(start + filled))
            filled += count
        }
    }

    /// Appends the `count` lowest bytes of `word`, lowest byte first. If there is room, all eight bytes are stored at
    /// once, and the next piece of text overwrites those beyond `count`.
    @inlinable @inline(__always)
    mutating func append(_ word: UInt64, count: Int) {
        unsafe withUnsafeMutableBufferPointer { (room, filled) in
            let free = room.count - filled
            precondition(0...8 ~= count, "a word has eight bytes")
            precondition(count <= free, "more bytes were written than reserved")
            guard let start = room.baseAddress else { return }
            if free >= 8 {
                unsafe UnsafeMutableRawPointer(start + filled).storeBytes(of: word.littleEndian, as: UInt64.self)
            } else {
                for place in 0..<count {
                    unsafe start[filled + place] = UInt8(truncatingIfNeeded: word >> (8 * place))
                }
            }
            filled += count
        }
    }

    @inlinable @inline(__always)
    package mutating func append(_ text: StaticString) {
        unsafe append(count: text.utf8CodeUnitCount) {
            unsafe $0.copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
        }
    }

    @inlinable @inline(__always)
    package mutating func append(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBytes { source in
            guard let first = source.baseAddress else { return }
            unsafe append(count: source.count) { unsafe copyBytes($0, first, source.count) }
        }
    }
}

/// Copies `count` bytes. Up to 32 bytes are copied as two overlapping pieces without a loop; both are read before
/// either is written.
@usableFromInline
func copyBytes(_ target: UnsafeMutableRawPointer, _ source: UnsafeRawPointer, _ count: Int) {
    switch count {
    case 0: return
    case 1: unsafe target.storeBytes(of: source.load(as: UInt8.self), as: UInt8.self)
    case 2..<4: unsafe copyEnds(target, source, count, as: UInt16.self)
    case 4..<8: unsafe copyEnds(target, source, count, as: UInt32.self)
    case 8..<16: unsafe copyEnds(target, source, count, as: UInt64.self)
    case 16...32: unsafe copyEnds(target, source, count, as: SIMD2<UInt64>.self)
    default: unsafe target.copyMemory(from: source, byteCount: count)
    }
}

@inline(__always)
private func copyEnds<Piece: BitwiseCopyable>(
    _ target: UnsafeMutableRawPointer, _ source: UnsafeRawPointer, _ count: Int, as piece: Piece.Type
) {
    let last = count - MemoryLayout<Piece>.size
    let (head, tail) = unsafe (source.loadUnaligned(as: piece), source.loadUnaligned(fromByteOffset: last, as: piece))
    unsafe target.storeBytes(of: head, as: piece)
    unsafe target.storeBytes(of: tail, toByteOffset: last, as: piece)
}
