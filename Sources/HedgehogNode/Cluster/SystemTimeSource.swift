internal import Cluster
internal import Reactor

/// The time source of the cluster member: the system's wall clock and monotonic clock.
final class SystemTimeSource: TimeSource {
    private let loop: EventLoop

    init(loop: EventLoop) {
        self.loop = loop
    }

    var wallMilliseconds: UInt64 { EventLoop.wallMilliseconds() }
    var monotonicMilliseconds: UInt64 { loop.nowMilliseconds }
    var monotonicNanoseconds: UInt64 { EventLoop.monotonicNanoseconds() }
}
