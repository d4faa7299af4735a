internal import CLibuv
internal import Synchronization

/// Runs closures on libuv's worker threads and completes them on the loop. All queues of a process share one pool, of
/// 4 threads unless `UV_THREADPOOL_SIZE` was set in the environment before the first job. Loop thread only.
package final class WorkQueue {
    package let loop: EventLoop
    private let maximumPending: Int
    /// Jobs submitted whose completion has not run yet.
    package private(set) var pendingCount = 0
    private var submittedCount = 0
    private let started = StartedJobs()

    /// `maximumPending` bounds `pendingCount`.
    package init(loop: EventLoop, maximumPending: Int = ReactorLimits.pendingJobs) {
        self.loop = loop
        self.maximumPending = maximumPending
    }

    /// Runs `work` once on some worker thread, in no fixed order with other jobs, then `complete` exactly once on the
    /// loop, never before this call has returned. Throws `workQueueFull`, and runs neither, when `maximumPending` jobs
    /// are pending. Loop thread only.
    package func offload<Value: Sendable>(
        _ work: @escaping @Sendable () -> Value, then complete: @escaping (Value) -> Void
    ) throws(ReactorError) {
        loop.assertOnLoop()
        guard pendingCount < maximumPending else { throw .workQueueFull(limit: maximumPending) }
        pendingCount += 1
        submittedCount += 1
        let job = TypedJob(
            work: { [started] in
                started.count.add(1, ordering: .relaxed)
                return work()
            }
        ) { value in
            self.pendingCount -= 1
            complete(value)
        }
        job.start(on: loop)
    }

    /// Pending jobs that no worker thread has started yet.
    package var waitingCount: Int { submittedCount - started.count.load(ordering: .relaxed) }
}

/// The number of jobs of a queue that workers have started: incremented on their threads, read on the loop.
private final class StartedJobs: Sendable {
    let count = Atomic(0)
}

/// One libuv work request. Only `perform` runs on a worker thread. libuv's hand-over to that thread and back orders
/// memory, so the two threads never touch a job at the same time.
private class Job {
    private let request = UnsafeMutablePointer<uv_work_t>.allocate(capacity: 1)
    /// The event loop, which this reference keeps alive until the job has completed.
    private var loop: EventLoop?

    deinit {
        request.deallocate()
    }

    func perform() {}
    func complete() {}

    final func start(on loop: EventLoop) {
        self.loop = loop
        request.pointee.data = retainedPointer(to: self)
        let status = uv_queue_work(
            loop.raw, request,
            { owner($0?.pointee.data, as: Job.self).perform() },
            { request, _ in takeOwner(request?.pointee.data, as: Job.self).complete() })
        precondition(status == 0, "queueing a job fails only without a work function")
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

    override func complete() {
        guard let value else { preconditionFailure("a job was completed before it had run") }
        completion(value)
    }
}
