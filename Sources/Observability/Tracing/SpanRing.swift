/// First in, first out, in a fixed number of places. The spans lie in them: one that ends needs no memory of its own.
struct SpanRing {
    private var places: [SpanRecord?]
    private var byteCounts: [Int]
    private var first = 0
    private(set) var count = 0
    /// Of all that it holds.
    private(set) var byteCount = 0

    init(capacity: Int) {
        precondition(capacity > 0, "a ring of no places holds nothing")
        places = Array(repeating: nil, count: capacity)
        byteCounts = Array(repeating: 0, count: capacity)
    }

    var capacity: Int { places.count }
    var isFull: Bool { count == places.count }

    /// `byteCount`: the span's own.
    mutating func append(_ span: consuming SpanRecord, byteCount: Int) {
        precondition(!isFull, "a span was put into a full ring")
        var place = first + count
        if place >= places.count { place -= places.count }
        places[place] = span
        byteCounts[place] = byteCount
        count += 1
        self.byteCount += byteCount
    }

    /// The oldest.
    mutating func popFirst() -> SpanRecord? {
        guard count > 0 else { return nil }
        let span = places[first].take()
        byteCount -= byteCounts[first]
        first = first + 1 == places.count ? 0 : first + 1
        count -= 1
        return span
    }

    /// From the oldest to the newest.
    func forEach(_ body: (SpanRecord) -> Void) {
        for offset in 0..<count {
            guard let span = places[(first + offset) % places.count] else {
                preconditionFailure("a ring has a hole")
            }
            body(span)
        }
    }

    var oldest: SpanRecord? { places[first] }
}

extension SpanRecord {
    /// About how much memory it takes. Texts are counted as they are long; names and keys are ours, and mostly shared
    /// literals.
    package var byteCount: Int {
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
