/// A span that has ended, and about how much memory it takes. One object, however many keep it.
package final class MeasuredSpan: Sendable {
    package let span: SpanRecord
    package let byteCount: Int

    package init(_ span: consuming SpanRecord) {
        byteCount = span.approximateBytes
        self.span = span
    }
}

/// First in, first out, in a fixed number of places.
struct SpanRing {
    private var places: [MeasuredSpan?]
    private var first = 0
    private(set) var count = 0
    /// Of all that it holds.
    private(set) var byteCount = 0

    init(capacity: Int) {
        precondition(capacity > 0, "a ring of no places holds nothing")
        places = Array(repeating: nil, count: capacity)
    }

    var capacity: Int { places.count }
    var isFull: Bool { count == places.count }

    mutating func append(_ span: MeasuredSpan) {
        precondition(!isFull, "a span was put into a full ring")
        places[(first + count) % places.count] = span
        count += 1
        byteCount += span.byteCount
    }

    /// The oldest.
    mutating func popFirst() -> MeasuredSpan? {
        guard count > 0, let span = places[first] else { return nil }
        places[first] = nil
        first = (first + 1) % places.count
        count -= 1
        byteCount -= span.byteCount
        return span
    }

    /// From the oldest to the newest.
    func forEach(_ body: (SpanRecord) -> Void) {
        for offset in 0..<count {
            guard let measured = places[(first + offset) % places.count] else {
                preconditionFailure("a ring has a hole")
            }
            body(measured.span)
        }
    }

    var oldest: SpanRecord? { places[first]?.span }
}

extension SpanRecord {
    /// Texts are counted as they are long; names and keys are ours, and mostly shared literals.
    fileprivate var approximateBytes: Int {
        var sum = 384 + tracestate.bytes.count + (subject?.byteCount ?? 0) + ownAttributes.approximateBytes
        for event in events { sum += 64 + event.attributes.approximateBytes }
        sum += links.count * 32
        return sum
    }
}

extension [SpanAttribute] {
    fileprivate var approximateBytes: Int {
        reduce(0) { sum, attribute in
            switch attribute.value {
            case .text(let text): sum + 64 + text.utf8.count
            case .bytes(let bytes): sum + 64 + bytes.count
            case .requestID(let id): sum + 64 + id.textByteCount
            case .integer, .flag: sum + 64
            }
        }
    }
}
