internal import Base

/// Remembers, for a little while, which rows were written here: what is still on its way to the other replicas is no
/// divergence. It may take a row for recent that is not, never the other way round; that row is looked at again in the
/// next round.
final class RecentWrites {
    private let clock: any TimeSource
    /// When a row of this hash was last written, in monotonic milliseconds, plus one; zero for never.
    private var times: [UInt64]

    /// `slots`: a power of two; with as many writes in two seconds, two thirds of all rows would seem recent.
    init(clock: any TimeSource, slots: Int) {
        precondition(slots > 0 && slots & (slots - 1) == 0, "the number of slots is no power of two")
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
