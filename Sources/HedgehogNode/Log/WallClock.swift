internal import Reactor

/// The time of day for lines about requests: reckoned from the monotonic clock, which is read for each of them anyway,
/// and compared with the system's ten times a second.
struct WallClock {
    private static let trustedNanoseconds: UInt64 = 100_000_000

    /// To be added to monotonic time.
    private var offset: UInt64 = 0
    private var comparedAt: UInt64?

    /// Nanoseconds since 1970 at a moment of the monotonic clock, which is now or lies little behind.
    mutating func nanoseconds(atMonotonic now: UInt64) -> UInt64 {
        if comparedAt.map({ now &- $0 < Self.trustedNanoseconds }) != true {
            offset = EventLoop.wallNanoseconds() &- now
            comparedAt = now
        }
        return now &+ offset
    }
}
