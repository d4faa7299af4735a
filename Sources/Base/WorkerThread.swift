#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// A thread of its own for one long-lived piece of work, such as committing or writing the log.
@safe package struct WorkerThread {
    private let thread: pthread_t

    /// `work` and all it holds are the thread's from here on. Nil when the system has no thread to give.
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
        guard let thread else { preconditionFailure("a thread was made and not named") }
        self.thread = thread
        #endif
    }

    /// Blocks until the work has returned. To be called once.
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

/// The pointer is the one that `init` passed, and is taken over here, once.
private func run(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { preconditionFailure("a thread began without its work") }
    unsafe Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().work()
    return nil
}
