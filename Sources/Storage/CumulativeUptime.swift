/// The time that the store has been open, summed over all runs of the process, in milliseconds. It measures the age of
/// hints. Its row is written beside hints and when the store closes, so a crash loses at most the time since the last
/// hint was stored.
struct CumulativeUptime: Sendable {
    private let earlierMilliseconds: UInt64
    private let openedAtNanoseconds: UInt64

    init(earlierMilliseconds: UInt64) {
        self.earlierMilliseconds = earlierMilliseconds
        openedAtNanoseconds = monotonicNanoseconds()
    }

    var milliseconds: UInt64 {
        earlierMilliseconds &+ (monotonicNanoseconds() - openedAtNanoseconds) / 1_000_000
    }
}
