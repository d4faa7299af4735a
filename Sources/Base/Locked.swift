#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// A value that one thread at a time may use.
///
/// It is a `pthread` mutex and not the standard library's `Mutex`, because ThreadSanitizer does not know the latter and
/// reports every value behind it as a data race. With this one, `make race-test` reports races that are real.
///
/// `nonisolated(unsafe)` is sound here: `mutex` is allocated once and used only through pthread calls, and `value` is
/// used only between lock and unlock.
@safe package final class Locked<Value>: Sendable {
    nonisolated(unsafe) private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    nonisolated(unsafe) private var value: Value

    package init(_ value: sending Value) {
        unsafe self.value = value
        unsafe mutex = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    /// Calls `body` with the value while this thread holds the lock. Any thread; `body` must not lock the same value
    /// again.
    package func withLock<Output, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Output
    ) throws(Failure) -> sending Output {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try unsafe body(&value)
    }
}
