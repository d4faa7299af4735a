/// Time as the cluster's code sees it, so that a test can bend it.
package protocol TimeSource: AnyObject {
    /// Since 1970, by this node's own wall clock, which may be wrong and may jump.
    var wallMilliseconds: UInt64 { get }
    /// Since an arbitrary moment; never goes back. Deadlines are measured on it.
    var monotonicMilliseconds: UInt64 { get }
    /// The same time, finer: for measuring, not for deadlines.
    var monotonicNanoseconds: UInt64 { get }
}

extension TimeSource {
    package var monotonicNanoseconds: UInt64 { monotonicMilliseconds * 1_000_000 }
}
