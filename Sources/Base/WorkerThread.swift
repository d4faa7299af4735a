#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// A thread for one long-lived task, such as committing or writing the log.
@safe package struct WorkerThread {
    private let thread: pthread_t

    /// Starts a thread that runs `work`, which with everything it captures belongs to that thread from now on. Returns
    /// nil when the system cannot create a thread.
    package init?(_ work: sending @escaping () -> Void) {
        let context = unsafe Unmanaged.passRetained(ThreadBody(work))
        #if canImport(Glibc)
        var thread = pthread_t()
        #else
        var thread: pthread_t?
        #endif
        let code = unsafe pthread_create(&thread, nil, { unsafe run($0) }, context.toOpaque())
        guard code == 0 else {
            unsafe context.release()
            return nil
        }
        #if canImport(Glibc)
        self.thread = thread
        #else
        guard let thread else { preconditionFailure("pthread_create succeeded without a thread") }
        self.thread = thread
        #endif
    }

    /// Blocks until `work` has returned. Must be called at most once.
    package func join() {
        pthread_join(thread, nil)
    }
}

private final class ThreadBody {
    let work: () -> Void

    init(_ work: @escaping () -> Void) {
        self.work = work
    }
}

/// The entry point of a thread. `context` is the pointer that `init` retained; it is released here.
private func run(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { preconditionFailure("a thread started without its work") }
    unsafe Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().work()
    return nil
}
