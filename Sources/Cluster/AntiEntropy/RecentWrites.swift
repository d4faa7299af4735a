internal import Base

/// A fixed-size filter of the rows written here in the last two seconds. Anti-entropy skips them, because their writes
/// are probably still in flight to the other replicas. Hash collisions cause false positives, never false negatives; a
/// row skipped by mistake is compared again in the next session.
final class RecentWrites {
    private let clock: any TimeSource
    /// For each hash slot, the time of the last write of a row in that slot, in monotonic milliseconds plus one; zero
    /// for none.
    private var times: [UInt64]

    /// Creates a filter with `slots` hash slots, which must be a power of two. If as many rows are written in two
    /// seconds as there are slots, two thirds of all rows count as recently written.
    init(clock: any TimeSource, slots: Int) {
        precondition(slots > 0 && slots & (slots - 1) == 0, "the number of slots must be a power of two")
        self.clock = clock
        times = Array(repeating: 0, count: slots)
    }

    func note(_ place: RowPlace) {
        times[slot(of: place)] = clock.monotonicMilliseconds + 1
    }

    func contains(_ place: RowPlace) -> Bool {
        let time = times[slot(of: place)]
        return time > 0 && clock.monotonicMilliseconds < time - 1 + AntiEntropyLimits.recentWriteMilliseconds
    }

    private func slot(of place: RowPlace) -> Int {
        Int(truncatingIfNeeded: xxh3(place.key.bytes) ^ place.table.rawValue) & (times.count - 1)
    }
}
