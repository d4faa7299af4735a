/// Tells whether this node works for clients, its own or those of other nodes. Background repair slows down meanwhile.
final class ClientActivity {
    private let scheduler: OperationScheduler
    private let clock: any TimeSource
    /// The last call of another node for one of its clients, in monotonic milliseconds.
    private var servedAt: UInt64?

    init(scheduler: OperationScheduler, clock: any TimeSource) {
        self.scheduler = scheduler
        self.clock = clock
    }

    func serve() { servedAt = clock.monotonicMilliseconds }

    var isBusy: Bool { scheduler.operationsRunning > 0 || isServing }

    private var isServing: Bool {
        guard let servedAt else { return false }
        return clock.monotonicMilliseconds < servedAt + ActivityLimits.servingMilliseconds
    }
}
