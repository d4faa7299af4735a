/// The request line and the fields of one request, as received. It owns its bytes, and everything else in it is a
/// number or a range into them, so keeping a head beyond its parser costs one retain.
///
/// After a refusal it holds what was parsed before: every range lies within `bytes`, and is empty if its part of the
/// request was not reached.
package struct RequestHead: Sendable {
    /// The request line and the field lines of the head with their line ends. After a refusal, the last one may be the
    /// line that was refused.
    package internal(set) var bytes: [UInt8] = []

    package internal(set) var method = Method.other
    package internal(set) var methodRange = 0..<0
    /// The minor version of the request's HTTP/1 version: 0 for HTTP/1.0, 1 for HTTP/1.1 and later.
    package internal(set) var minorVersion: UInt8 = 1

    /// The range in `bytes` of the target's path and query, not decoded. The `http://host` of an absolute form is left
    /// out.
    package internal(set) var target = 0..<0
    /// The path, still percent-encoded. It begins with `/`, or is `*`, which is possible only with OPTIONS.
    package internal(set) var path = 0..<0
    /// The query, still percent-encoded, without the question mark; nil if there is none.
    package internal(set) var query: Range<Int>?

    package internal(set) var framing = BodyFraming.none
    /// Whether the connection stays open after this request, by its version and its Connection field.
    package internal(set) var keepsAlive = false
    /// Whether the client waits for a `100 Continue` before it sends a body.
    package internal(set) var expectsContinue = false

    /// Whether the target has no authority of its own and takes it from the Host field.
    private(set) var isOriginForm = false
    private(set) var fieldCount = 0
    /// The range of each known header's first value, indexed by the raw value of `KnownHeader`, as are the bits of
    /// `present` and `repeated`.
    private var values = FieldRanges(repeating: FieldRange(start: 0, end: 0))
    private var present: UInt32 = 0
    private var repeated: UInt32 = 0

    /// The range in `bytes` of a field's value, without the white space around it.
    package func values(of header: KnownHeader) -> FieldCount<Range<Int>> {
        let bit = UInt32(1) << UInt32(header.rawValue)
        guard present & bit != 0 else { return .absent }
        let first = values[Int(header.rawValue)].range
        return repeated & bit == 0 ? .single(first) : .repeated(first: first)
    }

    /// Calls `body` with the value of each line of a field, in order. Use it for fields whose lines together are one
    /// list.
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

    /// Whether the bytes in `range` equal `text`.
    package func matches(_ range: Range<Int>, _ text: StaticString) -> Bool {
        bytes.span.extracting(range).equals(text)
    }

    mutating func record(_ line: RequestLine) {
        method = Method(bytes.span.extracting(line.method))
        methodRange = line.method
        minorVersion = line.minorVersion
        target = line.target.range
        path = line.target.path
        query = line.target.query
        isOriginForm = line.target.isOriginForm
        if line.target.lacksPath { bytes[path.lowerBound] = UInt8(ascii: "/") }
    }

    /// Records the method of a request line that is incomplete or refused, since the response to HEAD has no body.
    /// [A client that sent HEAD takes the body of an error for the beginning of the next response.]
    mutating func recordMethodOfPartialLine() {
        guard let end = bytes.firstIndex(where: { !ByteClass.token.contains($0) }), end > 0, bytes[end] <= .space
        else { return }
        method = Method(bytes.span.extracting(0..<end))
        methodRange = 0..<end
    }

    mutating func record(_ field: FieldLine) {
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

    /// Removes the bytes of the head from `end` on, which were copied from the input but not parsed.
    mutating func cut(at end: Int) {
        bytes.removeLast(bytes.count - end)
    }

    mutating func record(_ semantics: HeadSemantics) {
        framing = semantics.framing
        expectsContinue = semantics.expectsContinue
        keepsAlive = semantics.keepsAlive
    }

    /// Resets the head for the next request. The storage of `bytes` is kept unless it has grown beyond
    /// `HTTPLimits.keptBytes` or is shared with a copy of this head.
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
        isOriginForm = false
        framing = .none
        keepsAlive = false
        expectsContinue = false
        fieldCount = 0
        present = 0
        repeated = 0
    }

    /// Returns the next value of `header` in the field lines after the one that contains `offset`. All lines end with
    /// CR LF and were parsed before, so a line that does not parse is the empty line at the end of the head or, after a
    /// refusal, the refused line.
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

/// The positions of the values of header fields in a request head, one for each case of `KnownHeader`.
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
