internal import CLibuv
#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// One libuv loop and what its handles share: the read buffer, the cached time, and the work at the end of each loop
/// iteration.
///
/// A loop belongs to one thread: the one that made it, until another thread calls `run` or `close` and takes it over.
/// Every method of a loop and of its handles must be called on that thread, which is checked in every build; only the
/// static clock functions and `Wakeup.signal` may be called on any thread. Handles keep their loop alive, so a loop
/// that is no longer needed is closed with `close`; dropping it is enough only when no handle is open.
package final class EventLoop {
    let raw: UnsafeMutablePointer<uv_loop_t>
    let readBuffer: UnsafeMutableRawBufferPointer
    var pollers = DescriptorPollers()
    private let prepare: UnsafeMutablePointer<uv_prepare_t>
    private let idle: UnsafeMutablePointer<uv_idle_t>
    private var thread = pthread_self()
    private var isRunning = false
    private var queue: [() -> Void] = []
    private var batch: [() -> Void] = []
    private var iterationHooks: [(LoopIteration) -> Void] = []
    private var iterationTimer = IterationTimer()

    /// Makes a loop that belongs to the calling thread. Throws when the process has no descriptor or memory left for
    /// it.
    package init() throws(ReactorError) {
        // A write to a connection that the peer has reset raises SIGPIPE, which would end the process.
        signal(SIGPIPE, SIG_IGN)
        raw = .allocate(capacity: 1)
        prepare = .allocate(capacity: 1)
        idle = .allocate(capacity: 1)
        readBuffer = .allocate(byteCount: ReactorLimits.readBufferBytes, alignment: 64)
        let status = uv_loop_init(raw)
        guard status == 0 else {
            freeMemory()
            throw ReactorError(code: status)
        }
        _ = hedgehog_uv_measure_idle_time(raw)
        uv_prepare_init(raw, prepare)
        uv_idle_init(raw, idle)
        prepare.pointee.data = borrowedPointer(to: self)
        uv_prepare_start(prepare) { owner($0?.pointee.data, as: EventLoop.self).endIteration() }
        uv_unref(UnsafeMutableRawPointer(prepare).assumingMemoryBound(to: uv_handle_t.self))
    }

    deinit {
        // Every handle keeps its loop alive, so only the two handles embedded in the loop can be open when the loop is
        // freed.
        uv_close(UnsafeMutableRawPointer(prepare).assumingMemoryBound(to: uv_handle_t.self), nil)
        uv_close(UnsafeMutableRawPointer(idle).assumingMemoryBound(to: uv_handle_t.self), nil)
        uv_run(raw, UV_RUN_DEFAULT)
        precondition(uv_loop_close(raw) == 0, "a loop was dropped while one of its handles or requests was open")
        freeMemory()
    }

    private func freeMemory() {
        raw.deallocate()
        prepare.deallocate()
        idle.deallocate()
        readBuffer.deallocate()
    }

    /// Ends the process unless the calling thread owns this loop. One load and one comparison, so release builds check
    /// too: a handle used on another thread corrupts libuv's memory without any other sign.
    @inline(__always)
    func assertOnLoop() {
        precondition(pthread_self() == thread, "a handle of a loop was used on another thread than the loop's")
    }

    /// Closes a poller that is registered for `descriptor`. Call it when the kernel has just handed out that number: a
    /// poller registered for it watches a socket that no longer exists.
    func evictPoller(of descriptor: Int32) {
        let poller = pollers[descriptor]
        poller?.close()
    }

    /// Runs callbacks on the calling thread, which owns the loop from now on. Returns after `stop`, or when nothing is
    /// left that could call back.
    package func run() {
        precondition(!isRunning, "a loop that is running was run again")
        thread = pthread_self()
        isRunning = true
        uv_run(raw, UV_RUN_DEFAULT)
        isRunning = false
    }

    /// Makes `run` return at the end of the current iteration. Loop thread only; other threads signal a `Wakeup` whose
    /// handler calls this.
    package func stop() {
        assertOnLoop()
        uv_stop(raw)
    }

    /// Closes every handle, waits for the jobs that run on worker threads, and runs all the completions and close
    /// callbacks that follow, on the calling thread. The loop must not be running, and no handle can be made on it
    /// afterwards.
    package func close() {
        precondition(!isRunning, "a loop was closed while it was running")
        thread = pthread_self()
        uv_walk(raw, { handle, _ in EventLoop.closeOwned(handle) }, nil)
        run()
    }

    private static func closeOwned(_ handle: UnsafeMutablePointer<uv_handle_t>?) {
        guard let handle, handle.pointee.type != UV_PREPARE, handle.pointee.type != UV_IDLE else { return }
        owner(handle.pointee.data, as: Handle.self).close()
    }
}

// MARK: End of a loop iteration

extension EventLoop {
    /// Runs `work` on the loop after the callbacks of the current iteration and before the loop sleeps. Work enqueued
    /// by `work` runs at the end of the next iteration, after one poll of the sockets, so a chain of such calls cannot
    /// starve them. Loop thread only.
    package func enqueue(_ work: @escaping () -> Void) {
        assertOnLoop()
        if queue.isEmpty { uv_idle_start(idle) { _ in } }
        queue.append(work)
    }

    /// Calls `hook` at the end of every iteration, after the enqueued work and just before the loop may sleep, for the
    /// life of the loop. Loop thread only.
    package func addIterationHook(_ hook: @escaping (LoopIteration) -> Void) {
        assertOnLoop()
        iterationHooks.append(hook)
    }

    private func endIteration() {
        if !queue.isEmpty { runEnqueued() }
        if iterationHooks.isEmpty { return }
        let iteration = iterationTimer.lap(now: uv_hrtime(), idle: uv_metrics_idle_time(raw))
        for hook in iterationHooks { hook(iteration) }
    }

    /// The idle handle is active while something is enqueued: it keeps libuv from sleeping and `run` from returning.
    private func runEnqueued() {
        swap(&queue, &batch)
        for work in batch { work() }
        batch.removeAll(keepingCapacity: true)
        if queue.isEmpty { uv_idle_stop(idle) }
    }
}

// MARK: Time

extension EventLoop {
    /// The loop's monotonic clock, read once an iteration: precise enough for timeouts, too coarse for measurements.
    package var nowMilliseconds: UInt64 { uv_now(raw) }

    /// The version of the libuv that this process runs with.
    package static var libraryVersion: String { String(cString: uv_version_string()) }

    /// Reads the monotonic clock. Any thread.
    package static func monotonicNanoseconds() -> UInt64 { uv_hrtime() }

    /// Reads the wall clock: milliseconds since 1970, which may jump either way. Any thread.
    package static func wallMilliseconds() -> UInt64 { wallNanoseconds() / 1_000_000 }

    /// Reads the wall clock: nanoseconds since 1970 with a resolution of one microsecond, which may jump either way.
    /// Any thread.
    package static func wallNanoseconds() -> UInt64 {
        var time = uv_timeval64_t()
        guard uv_gettimeofday(&time) == 0 else { preconditionFailure("the wall clock cannot be read") }
        return UInt64(max(0, time.tv_sec)) * 1_000_000_000 + UInt64(max(0, time.tv_usec)) * 1_000
    }
}
