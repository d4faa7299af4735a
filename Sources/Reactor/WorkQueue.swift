internal import CLibuv
internal import Synchronization

/// Runs closures on libuv's worker threads and brings their results back to the loop.
package final class WorkQueue {
    package let loop: EventLoop
    private let limits: WorkLimits
    /// Jobs handed over and not yet delivered.
    package private(set) var pendingCount = 0
    private var offloadedCount = 0
    private let taken = TakenJobs()

    package init(loop: EventLoop, limits: WorkLimits = WorkLimits()) {
        self.loop = loop
        self.limits = limits
    }

    /// `work` runs on a worker thread, any one, in no fixed order; then `deliver` runs on the loop, exactly once and
    /// never before this returns. Throws `workQueueFull`, and neither runs, when too many wait.
    package func offload<Value: Sendable>(
        _ work: @escaping @Sendable () -> Value, then deliver: @escaping (Value) -> Void
    ) throws(ReactorError) {
        guard pendingCount < limits.maximumPending else { throw .workQueueFull(limit: limits.maximumPending) }
        pendingCount += 1
        offloadedCount += 1
        let job = TypedJob(
            work: { [taken] in
                taken.count.add(1, ordering: .relaxed)
                return work()
            }
        ) { value in
            self.pendingCount -= 1
            deliver(value)
        }
        job.start(on: loop)
    }

    /// Of those pending: jobs that no worker has taken up yet.
    package var waitingCount: Int { offloadedCount - taken.count.load(ordering: .relaxed) }
}

/// How many jobs of a queue workers have taken up: counted on their threads, read on the loop.
private final class TakenJobs: Sendable {
    let count = Atomic(0)
}

/// One libuv work request. `perform` is all that runs on the worker, between libuv's hand-over there and back, each of
/// which orders memory; so the two threads never touch a job at the same time.
private class Job {
    private let request = UnsafeMutablePointer<uv_work_t>.allocate(capacity: 1)
    /// The loop lives until the job is done.
    private var loop: EventLoop?

    deinit {
        request.deallocate()
    }

    func perform() {}
    func deliver() {}

    final func start(on loop: EventLoop) {
        self.loop = loop
        request.pointee.data = retainedPointer(to: self)
        let status = uv_queue_work(
            loop.raw, request,
            { owner($0?.pointee.data, as: Job.self).perform() },
            { request, _ in takeOwner(request?.pointee.data, as: Job.self).deliver() })
        precondition(status == 0, "queueing a job only fails without a work function")
    }
}

private final class TypedJob<Value: Sendable>: Job {
    private let work: @Sendable () -> Value
    private let completion: (Value) -> Void
    private var value: Value?

    init(work: @escaping @Sendable () -> Value, completion: @escaping (Value) -> Void) {
        self.work = work
        self.completion = completion
    }

    override func perform() {
        value = work()
    }

    override func deliver() {
        guard let value else { preconditionFailure("a job was delivered that has not run") }
        completion(value)
    }
}
