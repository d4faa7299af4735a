// Text of many short pieces, written front to back into memory that was reserved for all of it: an array looks at its
// capacity, and at who else holds it, for every piece.
//
// Inlinable, because a line in the log is some forty pieces: a literal whose length the caller's compiler knows is a
// store or two, and a call would cost more than what it writes. Requires room; without it the process ends.

extension Array where Element == UInt8 {
    /// Up to `capacity` bytes. Not inlined: a closure that the optimiser takes apart retains every reference in what it
    /// captured, and an access record holds seven.
    @inline(never)
    package mutating func write(atMost capacity: Int, _ fill: (inout OutputSpan<UInt8>) -> Void) {
        append(addingCapacity: capacity, initializingWith: fill)
    }
}

extension OutputSpan where Element == UInt8 {
    /// The next `count` bytes, every one of which `fill` writes.
    @inlinable @inline(__always)
    mutating func append(count: Int, _ fill: (UnsafeMutableRawPointer) -> Void) {
        unsafe withUnsafeMutableBufferPointer { (room, filled) in
            precondition(count <= room.count - filled, "more bytes than were reserved")
            guard let start = room.baseAddress else { return }
            unsafe fill(UnsafeMutableRawPointer(start + filled))
            filled += count
        }
    }

    /// The `count` lowest bytes of a word, the lowest first. Where there is room for all eight they are all written:
    /// what comes next overwrites the rest.
    @inlinable @inline(__always)
    mutating func append(_ word: UInt64, count: Int) {
        unsafe withUnsafeMutableBufferPointer { (room, filled) in
            let free = room.count - filled
            precondition(0...8 ~= count, "a word is eight bytes")
            precondition(count <= free, "more bytes than were reserved")
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

/// Up to 32 bytes as two pieces that overlap: they are read before either is written, and nothing loops.
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
