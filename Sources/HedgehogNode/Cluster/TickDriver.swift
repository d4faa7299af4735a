internal import Cluster
internal import Reactor

/// Gives a cluster member its time: the end of every turn of the loop, when it sends what the turn has gathered, and
/// ticks, often while operations run or mending keeps to a pace, and seldom else. Loop-bound.
final class TickDriver {
    private let member: ClusterNode
    private let timer: Timer
    private let idleMilliseconds: UInt64
    private var isFast = false
    private var isStopped = false

    init(_ member: ClusterNode, heartbeatMilliseconds: UInt64, loop: EventLoop) {
        self.member = member
        timer = Timer(loop: loop)
        idleMilliseconds = max(ClusterNode.tickMilliseconds, heartbeatMilliseconds / 10)
        // Weak, because a loop keeps its hooks for life, and this keeps a handle of the loop.
        loop.addTurnHook { [weak self] _ in self?.endIteration() }
    }

    func start() {
        beat(fast: false)
        member.tick()
    }

    func stop() {
        isStopped = true
        timer.close()
    }

    private func endIteration() {
        guard !isStopped else { return }
        member.endIteration()
        if !isFast, member.wantsFastTicks { beat(fast: true) }
    }

    private func tick() {
        member.tick()
        if isFast, !member.wantsFastTicks { beat(fast: false) }
    }

    private func beat(fast: Bool) {
        isFast = fast
        let period = fast ? ClusterNode.tickMilliseconds : idleMilliseconds
        timer.start(afterMilliseconds: period, repeatMilliseconds: period) { [unowned self] in self.tick() }
    }
}
