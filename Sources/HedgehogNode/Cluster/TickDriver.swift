internal import Cluster
internal import Reactor

/// Calls a cluster member at the end of every loop iteration, so that it sends the messages gathered in it, and on a
/// timer: every few milliseconds while operations or paced repairs run, and ten times per heartbeat otherwise. Loop
/// thread only.
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
        // The iteration hook holds this driver weakly. The event loop never removes its hooks, and this driver holds a
        // timer of the loop, so with a strong reference neither would be freed.
        loop.addIterationHook { [weak self] _ in self?.endIteration() }
    }

    func start() {
        startTimer(fast: false)
        member.tick()
    }

    func stop() {
        isStopped = true
        timer.close()
    }

    private func endIteration() {
        guard !isStopped else { return }
        member.endIteration()
        if !isFast, member.wantsFastTicks { startTimer(fast: true) }
    }

    private func tick() {
        member.tick()
        if isFast, !member.wantsFastTicks { startTimer(fast: false) }
    }

    private func startTimer(fast: Bool) {
        isFast = fast
        let period = fast ? ClusterNode.tickMilliseconds : idleMilliseconds
        // The timer's callback holds this driver unowned, because the driver holds the timer. `Service` calls `stop`,
        // which closes the timer, before it releases the driver.
        timer.start(afterMilliseconds: period, repeatMilliseconds: period) { [unowned self] in self.tick() }
    }
}
