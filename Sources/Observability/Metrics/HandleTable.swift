/// A fixed number of places for handles of series, each empty until its series is made.
///
/// As with `MetricSlab`, the memory never moves: an array that is a variable of a class is checked for exclusive access
/// at every look, which costs as much as all the counting of a request. Loop-bound.
@safe final class HandleTable<Handle: BitwiseCopyable> {
    private let places: UnsafeMutablePointer<Handle?>
    private let count: Int

    init(count: Int) {
        self.count = count
        unsafe places = .allocate(capacity: count)
        unsafe places.initialize(repeating: nil, count: count)
    }

    deinit { unsafe places.deallocate() }

    subscript(place: Int) -> Handle? {
        @inline(__always) get {
            precondition(place >= 0 && place < count, "a place that the table does not have")
            return unsafe places[place]
        }
        @inline(__always) set {
            precondition(place >= 0 && place < count, "a place that the table does not have")
            unsafe places[place] = newValue
        }
    }

    /// Those that are there, in order; afterwards none is.
    func takeAll() -> [Handle] {
        var taken: [Handle] = []
        for place in 0..<count {
            if let handle = self[place] { taken.append(handle) }
            self[place] = nil
        }
        return taken
    }
}
