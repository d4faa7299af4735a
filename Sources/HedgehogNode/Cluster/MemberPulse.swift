internal import Cluster
internal import Reactor

/// Gives a cluster member its time: the end of every turn of the loop, when it sends what the turn has gathered, and
/// ticks, often while operations run or mending keeps to a pace, and seldom else. Loop-bound.
final class MemberPulse {
    private let member: ClusterMember
    private let timer: Timer
    private let idleMilliseconds: UInt64
    private var isFast = false
    private var isStopped = false

    init(_ member: ClusterMember, heartbeatMilliseconds: UInt64, loop: EventLoop) {
        self.member = member
        timer = Timer(loop: loop)
        idleMilliseconds = max(ClusterMember.tickMilliseconds, heartbeatMilliseconds / 10)
        // Weak, because a loop keeps its hooks for life, and this keeps a handle of the loop.
        loop.addTurnHook { [weak self] _ in self?.endTurn() }
    }

    func start() {
        beat(fast: false)
        member.tick()
    }

    func stop() {
        isStopped = true
        timer.close()
    }

    private func endTurn() {
        guard !isStopped else { return }
        member.endTurn()
        if !isFast, member.wantsFastTicks { beat(fast: true) }
    }

    private func tick() {
        member.tick()
        if isFast, !member.wantsFastTicks { beat(fast: false) }
    }

    private func beat(fast: Bool) {
        isFast = fast
        let period = fast ? ClusterMember.tickMilliseconds : idleMilliseconds
        timer.start(afterMilliseconds: period, repeatMilliseconds: period) { [unowned self] in self.tick() }
    }
}
