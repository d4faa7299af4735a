internal import CLibuv
#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// One libuv loop, and what its handles share: the read buffer, the cached time, the end of a turn. It belongs to the
/// thread that runs it; `Wakeup` is the one door from other threads. Handles keep their loop alive, so a loop that is
/// no longer wanted is closed with `close`; dropping it is enough only when no handle is open.
package final class EventLoop {
    let raw: UnsafeMutablePointer<uv_loop_t>
    let readBuffer: UnsafeMutableRawBufferPointer
    var pollers = DescriptorPollers()
    private let prepare: UnsafeMutablePointer<uv_prepare_t>
    private let idle: UnsafeMutablePointer<uv_idle_t>
    private var isRunning = false
    private var queue: [() -> Void] = []
    private var batch: [() -> Void] = []
    private var turnHooks: [(Turn) -> Void] = []
    private var stopwatch = IterationTimer()

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
        uv_prepare_start(prepare) { owner($0?.pointee.data, as: EventLoop.self).endTurn() }
        uv_unref(UnsafeMutableRawPointer(prepare).assumingMemoryBound(to: uv_handle_t.self))
    }

    deinit {
        // Every handle holds its loop, so only the two embedded ones are open here.
        uv_close(UnsafeMutableRawPointer(prepare).assumingMemoryBound(to: uv_handle_t.self), nil)
        uv_close(UnsafeMutableRawPointer(idle).assumingMemoryBound(to: uv_handle_t.self), nil)
        uv_run(raw, UV_RUN_DEFAULT)
        precondition(uv_loop_close(raw) == 0, "a loop was dropped while a handle or request of it was open")
        freeMemory()
    }

    private func freeMemory() {
        raw.deallocate()
        prepare.deallocate()
        idle.deallocate()
        readBuffer.deallocate()
    }

    /// For whoever got `descriptor` from the kernel just now: what still watches that number watches nothing.
    func evictPoller(of descriptor: Int32) {
        let poller = pollers[descriptor]
        poller?.close()
    }

    /// Runs callbacks on the calling thread until `stop`, or until nothing is left that could call back.
    package func run() {
        precondition(!isRunning, "a loop runs once at a time")
        isRunning = true
        uv_run(raw, UV_RUN_DEFAULT)
        isRunning = false
    }

    /// Makes `run` return at the end of this turn. Loop thread only; from elsewhere, through a `Wakeup`.
    package func stop() {
        uv_stop(raw)
    }

    /// Closes every handle, waits for jobs under way, and delivers all the callbacks that this brings. The loop must
    /// not be running. No handle can be made on it afterwards.
    package func close() {
        precondition(!isRunning, "a loop is closed after run has returned")
        uv_walk(raw, { handle, _ in EventLoop.closeOwned(handle) }, nil)
        run()
    }

    private static func closeOwned(_ handle: UnsafeMutablePointer<uv_handle_t>?) {
        guard let handle, handle.pointee.type != UV_PREPARE, handle.pointee.type != UV_IDLE else { return }
        owner(handle.pointee.data, as: Handle.self).close()
    }
}

// MARK: The end of a turn

extension EventLoop {
    /// Runs `work` once the callbacks of this turn are done and before the loop sleeps. What `work` itself enqueues
    /// runs in the next turn, after one look at what arrived, so a chain of these cannot starve the sockets.
    package func enqueue(_ work: @escaping () -> Void) {
        if queue.isEmpty { uv_idle_start(idle) { _ in } }
        queue.append(work)
    }

    /// Calls `hook` at the end of every turn, after what was enqueued and just before the loop may sleep; for the
    /// life of the loop.
    package func addTurnHook(_ hook: @escaping (Turn) -> Void) {
        turnHooks.append(hook)
    }

    private func endTurn() {
        if !queue.isEmpty { runQueue() }
        if turnHooks.isEmpty { return }
        let turn = stopwatch.lap(now: uv_hrtime(), idle: uv_metrics_idle_time(raw))
        for hook in turnHooks { hook(turn) }
    }

    /// An active idle handle is what keeps libuv from sleeping, or from returning, while something is enqueued.
    private func runQueue() {
        swap(&queue, &batch)
        for work in batch { work() }
        batch.removeAll(keepingCapacity: true)
        if queue.isEmpty { uv_idle_stop(idle) }
    }
}

// MARK: Time

extension EventLoop {
    /// The loop's clock: monotonic, read once a turn. For timeouts, not for measuring.
    package var nowMilliseconds: UInt64 { uv_now(raw) }

    /// Of the libuv that this process runs with.
    package static var libraryVersion: String { String(cString: uv_version_string()) }

    /// The monotonic clock, read now. Any thread.
    package static func monotonicNanoseconds() -> UInt64 { uv_hrtime() }

    /// Milliseconds since 1970, read now; it may jump. Any thread.
    package static func wallMilliseconds() -> UInt64 { wallNanoseconds() / 1_000_000 }

    /// The same, as fine as the system tells it, which is microseconds.
    package static func wallNanoseconds() -> UInt64 {
        var time = uv_timeval64_t()
        guard uv_gettimeofday(&time) == 0 else { preconditionFailure("the wall clock cannot be read") }
        return UInt64(max(0, time.tv_sec)) * 1_000_000_000 + UInt64(max(0, time.tv_usec)) * 1_000
    }
}
