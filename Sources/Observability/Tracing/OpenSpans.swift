/// The spans that have not ended, by their ids: a hash table with linear probing (Knuth, volume 3, 6.4, algorithms L
/// and R). The ids are random numbers of this node's own, so their low bits are the hash; that is why it is not a
/// `Dictionary`, which would spend more on hashing them, a dozen times a request, than on all the rest.
struct OpenSpans {
    private var places: [ActiveSpan?]
    private(set) var count = 0

    init() { places = Array(repeating: nil, count: 64) }

    subscript(id: SpanID) -> ActiveSpan? {
        var index = home(of: id)
        while let span = places[index] {
            if span.spanID == id { return span }
            index = next(index)
        }
        return nil
    }

    /// Requires that none with its id is here.
    mutating func insert(_ span: ActiveSpan) {
        // At most half full: then two or three places are looked at.
        if count * 2 >= places.count { grow() }
        var index = home(of: span.spanID)
        while let other = places[index] {
            precondition(other.spanID != span.spanID, "two spans have one id")
            index = next(index)
        }
        places[index] = span
        count += 1
    }

    /// One that is not here is no matter.
    mutating func remove(_ id: SpanID) {
        var hole = home(of: id)
        while let span = places[hole], span.spanID != id { hole = next(hole) }
        guard places[hole] != nil else { return }
        places[hole] = nil
        count -= 1
        // Those behind that were pushed past the hole move up into it, so that nobody's search ends there.
        var index = next(hole)
        while let span = places[index] {
            if distance(from: home(of: span.spanID), to: index) >= distance(from: hole, to: index) {
                places.swapAt(hole, index)
                hole = index
            }
            index = next(index)
        }
    }

    private mutating func grow() {
        let spans = places.compactMap { $0 }
        places = Array(repeating: nil, count: places.count * 2)
        count = 0
        for span in spans { insert(span) }
    }

    private func home(of id: SpanID) -> Int { Int(truncatingIfNeeded: id.rawValue) & (places.count - 1) }
    private func next(_ index: Int) -> Int { (index + 1) & (places.count - 1) }
    private func distance(from start: Int, to end: Int) -> Int { (end - start) & (places.count - 1) }
}
