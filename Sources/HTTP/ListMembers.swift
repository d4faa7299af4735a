/// The members of a comma-separated field value, trimmed. Empty ones are members too; the caller says what they mean.
/// Quoted strings are not understood: none of the fields we take apart may hold one.
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
