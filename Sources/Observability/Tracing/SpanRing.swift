/// A ring buffer of ended spans with a fixed capacity. Spans are stored inline, so appending one allocates nothing.
struct SpanRing {
    private var slots: [SpanRecord?]
    private var byteCounts: [Int]
    private var first = 0
    private(set) var count = 0
    /// The approximate memory of all spans in the ring, in bytes.
    private(set) var byteCount = 0

    init(capacity: Int) {
        precondition(capacity > 0, "a ring needs a capacity")
        slots = Array(repeating: nil, count: capacity)
        byteCounts = Array(repeating: 0, count: capacity)
    }

    var capacity: Int { slots.count }
    var isFull: Bool { count == slots.count }

    /// Appends a span to the ring, which must not be full. `byteCount` is the approximate memory of the span in bytes.
    mutating func append(_ span: consuming SpanRecord, byteCount: Int) {
        precondition(!isFull, "a span was appended to a full ring")
        var slot = first + count
        if slot >= slots.count { slot -= slots.count }
        slots[slot] = span
        byteCounts[slot] = byteCount
        count += 1
        self.byteCount += byteCount
    }

    /// Removes the oldest span from the ring and returns it, or nil if the ring is empty.
    mutating func popFirst() -> SpanRecord? {
        guard count > 0 else { return nil }
        let span = slots[first].take()
        byteCount -= byteCounts[first]
        first = first + 1 == slots.count ? 0 : first + 1
        count -= 1
        return span
    }

    /// Calls `body` with each span in the ring, from the oldest to the newest.
    func forEach(_ body: (SpanRecord) -> Void) {
        for offset in 0..<count {
            guard let span = slots[(first + offset) % slots.count] else {
                preconditionFailure("the ring has an empty slot between spans")
            }
            body(span)
        }
    }

    var oldest: SpanRecord? { slots[first] }
}

extension SpanRecord {
    /// The approximate memory of the span in bytes. Text values count with their length; names and keys do not, because
    /// they are mostly shared literals.
    package var byteCount: Int {
        var sum = 384 + tracestate.bytes.count + (source?.byteCount ?? 0) + ownAttributes.approximateBytes
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
