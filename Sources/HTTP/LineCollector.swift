internal import Base

/// How far a line has come.
enum LineProgress {
    case complete, partial, overlong
}

extension Array where Element == UInt8 {
    /// Moves bytes from `input` to the end of this buffer until it ends with a line feed, `input` ends, or it holds
    /// `limit` bytes. A line is judged only when it is complete and its length only against what was collected, so
    /// where `input` was cut can change no verdict.
    mutating func collectLine(from input: Span<UInt8>, at offset: inout Int, limit: Int) -> LineProgress {
        let end = Swift.min(input.count, offset + limit - count)
        let lineFeed = input.firstIndex(of: .lineFeed, in: offset..<end)
        let next = lineFeed.map { $0 + 1 } ?? end
        append(input.extracting(offset..<next))
        offset = next
        if lineFeed != nil { return .complete }
        return count == limit ? .overlong : .partial
    }

    /// The line that begins at `start` and has just been completed, without its line end.
    func completedLine(from start: Int) throws(Refusal) -> Range<Int> {
        guard count >= start + 2, self[count - 2] == .carriageReturn else { throw .bareLineFeed }
        return start..<(count - 2)
    }
}
