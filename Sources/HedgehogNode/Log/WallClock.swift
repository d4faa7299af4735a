internal import Reactor

/// The wall-clock time of access lines. Computed from the monotonic clock, which every request reads anyway, with an
/// offset that is read from the system again ten times per second.
struct WallClock {
    private static let offsetLifetimeNanoseconds: UInt64 = 100_000_000

    /// The offset between the two clocks: wall-clock time minus monotonic time, in nanoseconds, modulo 2^64.
    private var offset: UInt64 = 0
    private var offsetReadAt: UInt64?

    /// Returns the wall-clock time, in nanoseconds since 1970, at the monotonic time `now`, which must be the current
    /// time or shortly before it.
    mutating func nanoseconds(atMonotonic now: UInt64) -> UInt64 {
        if offsetReadAt.map({ now &- $0 < Self.offsetLifetimeNanoseconds }) != true {
            offset = EventLoop.wallNanoseconds() &- now
            offsetReadAt = now
        }
        return now &+ offset
    }
}
