/// The clocks used by this module. A test can provide its own.
package protocol TimeSource: AnyObject {
    /// Milliseconds since 1970 by this node's wall clock, which may be wrong and may jump.
    var wallMilliseconds: UInt64 { get }
    /// Milliseconds since an arbitrary moment. Never decreases. Deadlines use this clock.
    var monotonicMilliseconds: UInt64 { get }
    /// The monotonic clock in nanoseconds, for measuring durations.
    var monotonicNanoseconds: UInt64 { get }
}

extension TimeSource {
    package var monotonicNanoseconds: UInt64 { monotonicMilliseconds * 1_000_000 }
}
