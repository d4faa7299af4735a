/// The clocks of a node. A test or simulation provides its own.
package protocol TimeSource: AnyObject {
    /// Milliseconds since 1970 by this node's wall clock, which may be wrong and may jump.
    var wallMilliseconds: UInt64 { get }
    /// Milliseconds since an arbitrary moment; never decreases. Deadlines use it.
    var monotonicMilliseconds: UInt64 { get }
    /// The monotonic clock in nanoseconds, for measuring durations.
    var monotonicNanoseconds: UInt64 { get }
}

extension TimeSource {
    package var monotonicNanoseconds: UInt64 { monotonicMilliseconds * 1_000_000 }
}
