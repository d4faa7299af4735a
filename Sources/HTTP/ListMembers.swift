/// Iterates over the members of a comma-separated field value, trimmed. Empty members are returned too; the caller
/// decides what they mean. Quoted strings with commas are not supported, since no field that is read this way may
/// contain one.
struct ListMembers {
    private let end: Int
    private var start: Int?

    init(of value: Range<Int>) {
        start = value.lowerBound
        end = value.upperBound
    }

    mutating func next(in bytes: Span<UInt8>) -> Range<Int>? {
        guard let start else { return nil }
        let comma = bytes.firstIndex(of: UInt8(ascii: ","), in: start..<end)
        self.start = comma.map { $0 + 1 }
        return bytes.trimming(start..<(comma ?? end))
    }
}
