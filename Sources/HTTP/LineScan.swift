internal import Base

/// Finds the lines of a head, a trailer section or chunk framing in the buffer that collects them.
///
/// Every line ends with CR LF and holds no other control byte than tabs. A byte that breaks this is refused where it
/// stands, anything else about a line is judged when it is complete, and its length only against the limit; so where
/// the input was cut can change no verdict.
struct LineScan: Sendable {
    /// Where the line that is looked for begins; after one was found, where the next will.
    private(set) var start = 0
    /// Up to where it has been looked at.
    private var scanned = 0

    /// The next line without its line end, or nil when more bytes are needed. Requires no more than `limit` bytes; a
    /// line that does not end within them is refused as `tooLong`.
    mutating func next(in bytes: Span<UInt8>, limit: Int, tooLong: Refusal) throws(Refusal) -> Range<Int>? {
        precondition(bytes.count <= limit, "a line is collected within its limit")
        let control = bytes.firstControl(in: scanned..<bytes.count)
        scanned = control ?? bytes.count
        guard let control, control + 1 < bytes.count || bytes[control] != .carriageReturn else {
            if bytes.count == limit { throw tooLong }
            return nil
        }
        guard bytes[control] == .carriageReturn, bytes[control + 1] == .lineFeed else {
            throw bytes[control] == .lineFeed ? .bareLineFeed : .controlByte(bytes[control])
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
    /// Moves the next portion of `input` here, at most up to `limit` bytes in all; false when no input is left.
    /// Requires fewer than `limit` bytes here.
    mutating func collect(from input: Span<UInt8>, at offset: inout Int, limit: Int) -> Bool {
        guard offset < input.count else { return false }
        let portion = Swift.min(input.count - offset, limit - count, HTTPLimits.portionBytes)
        append(input.extracting(offset..<(offset + portion)))
        offset += portion
        return true
    }

    /// Moves what stands beyond `end` back to the input. All of it came with the present input, or the line that
    /// ends there would have been found earlier.
    mutating func giveBack(from end: Int, to offset: inout Int) {
        offset -= count - end
        removeLast(count - end)
    }
}
