/// Runs the operations of one node: their timeouts, hedges and grace periods, and the work that they put off to the end
/// of the loop iteration. Bound to the loop.
final class OperationScheduler {
    private let clock: any TimeSource
    private let observer: any ClusterObserver
    private var running: DelayQueue<any Operation>
    private var hedges = DelayQueue<any Operation>(delayMilliseconds: CoordinatorLimits.hedgeMilliseconds)
    private var graces = DelayQueue<TableOperation>(delayMilliseconds: CoordinatorLimits.graceMilliseconds)
    private var isStarting = false
    private var enqueued: [() -> Void] = []

    init(_ dependencies: MemberDependencies) {
        clock = dependencies.clock
        observer = dependencies.observer
        running = DelayQueue(delayMilliseconds: dependencies.settings.operationTimeoutMilliseconds)
    }

    var operationsRunning: Int { running.count }

    func start(_ operation: any Operation) {
        running.dropFirst(while: \.isFinished)
        running.add(operation, nowMilliseconds: deadlineClock)
        isStarting = true
        operation.start()
        isStarting = false
    }

    /// Has `operation.hedge` called after the hedge delay, unless the operation has finished by then.
    func hedge(_ operation: any Operation) {
        hedges.add(operation, nowMilliseconds: deadlineClock)
    }

    /// Has `operation.endGrace` called after the grace period, for which a table operation that has its quorum still
    /// waits for the other live members.
    func startGrace(of operation: TableOperation) {
        graces.add(operation, nowMilliseconds: deadlineClock)
    }

    /// Must be called at least every few milliseconds while operations run: hedges are due after 10 ms.
    func tick() {
        let now = deadlineClock
        for operation in hedges.takeDue(nowMilliseconds: now) where !operation.isFinished {
            observer.noted(.hedged)
            operation.hedge()
        }
        for operation in graces.takeDue(nowMilliseconds: now) { operation.endGrace() }
        running.dropFirst(while: \.isFinished)
        for operation in running.takeDue(nowMilliseconds: now) where !operation.isFinished {
            operation.expire(afterMilliseconds: running.delayMilliseconds)
        }
    }

    private var deadlineClock: UInt64 {
        PlantedFault.wallClockDeadlines.isPlanted ? clock.wallMilliseconds : clock.monotonicMilliseconds
    }
}

// Work put off to the end of the loop iteration.
extension OperationScheduler {
    var hasEnqueued: Bool { !enqueued.isEmpty }

    func enqueue(_ work: @escaping () -> Void) {
        enqueued.append(work)
    }

    /// Runs all enqueued work, including work that is enqueued meanwhile.
    func runEnqueued() {
        while !enqueued.isEmpty {
            let work = enqueued
            enqueued.removeAll(keepingCapacity: true)
            for item in work { item() }
        }
    }

    /// Calls a client's completion. While the operation is being started, the call is put off, so that no completion is
    /// called before the method that received it has returned.
    func complete(_ completion: @escaping () -> Void) {
        if isStarting { enqueue(completion) } else { completion() }
    }
}
