internal import Base

/// Finds the lines of a head, a trailer section or chunk framing in the buffer that collects them.
///
/// Every line must end with CR LF and contain no control byte other than tabs. A byte that violates this is refused as
/// soon as it is seen; everything else about a line is checked once the line is complete, and its length only against
/// the limit. So the result does not depend on how the input was split into reads.
struct LineScan: Sendable {
    /// The offset at which the next line begins: the end of the line found last.
    private(set) var start = 0
    /// The offset up to which the bytes have been searched for control bytes.
    private var scanned = 0

    /// Returns the range of the next line without its line end, or nil when more bytes are needed. Requires at most
    /// `limit` bytes; if the line does not end within them, throws `tooLong`.
    mutating func next(in bytes: Span<UInt8>, limit: Int, tooLong: Refusal) throws(Refusal) -> Range<Int>? {
        precondition(bytes.count <= limit, "a line was collected beyond its limit")
        let control = bytes.firstControl(in: scanned..<bytes.count)
        scanned = control ?? bytes.count
        guard let control, control + 1 < bytes.count || bytes[control] != .carriageReturn else {
            if bytes.count == limit { throw tooLong }
            return nil
        }
        guard bytes[control] == .carriageReturn, bytes[control + 1] == .lineFeed else {
            throw bytes[control] == .lineFeed ? .line(.bareLineFeed) : .line(.controlByte(bytes[control]))
        }
        let line = start..<control
        start = control + 2
        scanned = start
        return line
    }

    mutating func reset() {
        start = 0
        scanned = 0
    }
}

extension Array where Element == UInt8 {
    /// Moves the next portion of `input` to the end of this array, up to a total of `limit` bytes. Returns false when
    /// no input is left. Requires fewer than `limit` bytes in this array.
    mutating func collect(from input: Span<UInt8>, at offset: inout Int, limit: Int) -> Bool {
        guard offset < input.count else { return false }
        let portion = Swift.min(input.count - offset, limit - count, HTTPLimits.portionBytes)
        append(input.extracting(offset..<(offset + portion)))
        offset += portion
        return true
    }

    /// Removes the bytes of this array from `end` on, which were copied from the input beyond the end of a line, and
    /// moves `offset` back by their number, so that they are read from the input again. None of them came from an
    /// earlier input, or the line that ends at `end` would have been found then.
    mutating func giveBack(from end: Int, to offset: inout Int) {
        offset -= count - end
        removeLast(count - end)
    }
}
