/// The request line and the fields of one request, as they came. It owns its bytes, and everything else in it is a
/// number or a range into them, so keeping a head beyond its parser costs one retain.
///
/// After a refusal it holds what was understood until then: every range is one of `bytes`, and empty if what it is for
/// was never reached.
package struct RequestHead: Sendable {
    /// Request line and field lines, with their line ends. A refused line may be the last.
    package internal(set) var bytes: [UInt8] = []

    package internal(set) var method = Method.other
    package internal(set) var methodRange = 0..<0
    /// 0 or 1: of HTTP/1.0 or HTTP/1.1.
    package internal(set) var minorVersion: UInt8 = 1

    /// Path and query, raw. An absolute form has lost its `http://host`.
    package internal(set) var target = 0..<0
    /// Raw; begins with `/`, or is `*` (only with OPTIONS).
    package internal(set) var path = 0..<0
    /// Raw, without the question mark; nil when there is none.
    package internal(set) var query: Range<Int>?

    package internal(set) var framing = BodyFraming.none
    /// Whether the client means to send another request on this connection.
    package internal(set) var keepsAlive = false
    /// Whether the client waits for a `100 Continue` before it sends a body.
    package internal(set) var expectsContinue = false

    private(set) var fieldCount = 0
    private var values = FieldRanges(repeating: FieldRange(start: 0, end: 0))
    private var present: UInt32 = 0
    private var repeated: UInt32 = 0

    /// The value of a field, without the white space around it.
    package func values(of header: KnownHeader) -> FieldCount<Range<Int>> {
        let bit = UInt32(1) << UInt32(header.rawValue)
        guard present & bit != 0 else { return .absent }
        let first = values[Int(header.rawValue)].range
        return repeated & bit == 0 ? .single(first) : .repeated(first: first)
    }

    /// Calls `body` with the value of each line of a field in order, for the few whose lines make one list.
    package func forEachValue<Failure: Error>(
        of header: KnownHeader, _ body: (Range<Int>) throws(Failure) -> Void
    ) throws(Failure) {
        switch values(of: header) {
        case .absent: return
        case .single(let value): try body(value)
        case .repeated(let first):
            try body(first)
            var end = first.upperBound
            while let value = nextValue(of: header, after: end) {
                try body(value)
                end = value.upperBound
            }
        }
    }

    /// Whether the bytes in `range` are `text`.
    package func matches(_ range: Range<Int>, _ text: StaticString) -> Bool {
        bytes.span.extracting(range).equals(text)
    }

    mutating func note(_ line: RequestLine) {
        method = Method(bytes.span.extracting(line.method))
        methodRange = line.method
        minorVersion = line.minorVersion
        target = line.target.range
        path = line.target.path
        query = line.target.query
        if line.target.lacksPath { bytes[path.lowerBound] = UInt8(ascii: "/") }
    }

    mutating func note(_ field: FieldLine) {
        fieldCount += 1
        guard let header = field.header else { return }
        let bit = UInt32(1) << UInt32(header.rawValue)
        guard present & bit == 0 else {
            repeated |= bit
            return
        }
        present |= bit
        values[Int(header.rawValue)] = FieldRange(field.value)
    }

    /// Drops what was collected beyond `end` and never judged.
    mutating func cut(at end: Int) {
        bytes.removeLast(bytes.count - end)
    }

    mutating func note(_ verdict: HeadVerdict) {
        framing = verdict.framing
        expectsContinue = verdict.expectsContinue
        keepsAlive = verdict.keepsAlive
    }

    /// Forgets the request but keeps the storage, unless that has grown or somebody else holds it.
    mutating func reset() {
        if bytes.capacity > HTTPLimits.keptBytes {
            bytes = []
        } else {
            bytes.removeAll(keepingCapacity: true)
        }
        method = .other
        methodRange = 0..<0
        minorVersion = 1
        target = 0..<0
        path = 0..<0
        query = nil
        framing = .none
        keepsAlive = false
        expectsContinue = false
        fieldCount = 0
        present = 0
        repeated = 0
    }

    /// Looks at the lines after the one that holds `offset`. All end with CR LF and were judged when they came, so
    /// what does not parse is the empty one at the end or, after a refusal, the one refused.
    private func nextValue(of header: KnownHeader, after offset: Int) -> Range<Int>? {
        let span = bytes.span
        guard var lineEnd = span.firstIndex(of: .lineFeed, in: offset..<span.count) else { return nil }
        while let next = span.firstIndex(of: .lineFeed, in: (lineEnd + 1)..<span.count) {
            guard let field = try? FieldLine(parsing: span, in: (lineEnd + 1)..<(next - 1)) else { return nil }
            if field.header == header { return field.value }
            lineEnd = next
        }
        return nil
    }
}

/// One for each `KnownHeader`.
private typealias FieldRanges = InlineArray<19, FieldRange>

private struct FieldRange {
    let start: UInt16
    let end: UInt16

    init(start: UInt16, end: UInt16) {
        self.start = start
        self.end = end
    }

    init(_ range: Range<Int>) {
        start = UInt16(range.lowerBound)
        end = UInt16(range.upperBound)
    }

    var range: Range<Int> { Int(start)..<Int(end) }
}
