internal import Cluster
internal import Reactor

/// The machine's clocks, as the cluster's code sees them.
final class SystemTimeSource: TimeSource {
    private let loop: EventLoop

    init(loop: EventLoop) {
        self.loop = loop
    }

    var wallMilliseconds: UInt64 { EventLoop.wallMilliseconds() }
    var monotonicMilliseconds: UInt64 { loop.nowMilliseconds }
    var monotonicNanoseconds: UInt64 { EventLoop.monotonicNanoseconds() }
}
