/// The spans that have started and not ended, by span id: a hash table with linear probing (Knuth, volume 3, 6.4,
/// algorithms L and R). The ids are random numbers made by this node, so their low bits serve as the hash. A
/// `Dictionary` would hash each id again, a dozen times for each request, which would take longer than the rest of the
/// look-up.
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

    /// Adds a span that has started. No other open span may have its id.
    mutating func insert(_ span: ActiveSpan) {
        // The hash table is at most half full, so a search visits two or three places.
        if count * 2 >= places.count { grow() }
        var index = home(of: span.spanID)
        while let other = places[index] {
            precondition(other.spanID != span.spanID, "two open spans have the same id")
            index = next(index)
        }
        places[index] = span
        count += 1
    }

    /// Removes a span that has ended. Does nothing if no open span has this id.
    mutating func remove(_ id: SpanID) {
        var hole = home(of: id)
        while let span = places[hole], span.spanID != id { hole = next(hole) }
        guard places[hole] != nil else { return }
        places[hole] = nil
        count -= 1
        // A removed entry leaves a hole in the hash table. Entries that linear probing placed behind the hole are moved
        // into it; otherwise a search for them would stop at the hole.
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
