#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// Runs a committer on a thread of its own. The only place of this module where an object crosses as a raw pointer:
/// the caller gives the committer away, and the thread releases it when it ends.
struct CommitThread {
    private let thread: pthread_t

    /// Nil when the system has no thread to give.
    init?(running committer: Committer) {
        let context = Unmanaged.passRetained(committer)
        #if canImport(Glibc)
        var thread = pthread_t()
        #else
        var thread: pthread_t?
        #endif
        let code = pthread_create(
            &thread, nil,
            { context in
                // The lawful exception to the rule on `!`: this is the pointer passed below.
                let context = context as UnsafeMutableRawPointer?
                Unmanaged<Committer>.fromOpaque(context!).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            return nil
        }
        #if canImport(Glibc)
        self.thread = thread
        #else
        guard let thread else { preconditionFailure("a thread was made and not named") }
        self.thread = thread
        #endif
    }

    /// Blocks until the committer has returned.
    func join() {
        pthread_join(thread, nil)
    }
}
