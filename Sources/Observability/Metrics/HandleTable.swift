/// A fixed number of places for the handles of metric series. A place is empty until its series is registered.
///
/// The memory never moves, as in `MetricSlab`: Swift checks an array in a variable of a class for exclusive access on
/// each read, which costs as much as all other counting of a request. Only the event loop may use it.
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
            precondition(place >= 0 && place < count, "the handle table has no such place")
            return unsafe places[place]
        }
        @inline(__always) set {
            precondition(place >= 0 && place < count, "the handle table has no such place")
            unsafe places[place] = newValue
        }
    }

    /// Empties all places of the table, and returns the handles that were in them in the order of their places.
    func removeAll() -> [Handle] {
        var removed: [Handle] = []
        for place in 0..<count {
            if let handle = self[place] { removed.append(handle) }
            self[place] = nil
        }
        return removed
    }
}
