#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// Many threads use something while it stays; one, now and then, takes it away and puts another in its place.
///
/// `nonisolated(unsafe)` is sound here: the lock is allocated once and used only through pthread calls.
final class ReadWriteLock: Sendable {
    nonisolated(unsafe) private let lock: UnsafeMutablePointer<pthread_rwlock_t>

    init() {
        lock = .allocate(capacity: 1)
        var attributes = pthread_rwlockattr_t()
        pthread_rwlockattr_init(&attributes)
        #if canImport(Glibc)
        // A stream of readers would otherwise keep the one that wants to reopen out for ever.
        pthread_rwlockattr_setkind_np(&attributes, Int32(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP))
        #endif
        pthread_rwlock_init(lock, &attributes)
        pthread_rwlockattr_destroy(&attributes)
    }

    deinit {
        pthread_rwlock_destroy(lock)
        lock.deallocate()
    }

    /// Not to be nested.
    func enter() { pthread_rwlock_rdlock(lock) }
    /// False when entering would have to wait.
    func tryToEnter() -> Bool { pthread_rwlock_tryrdlock(lock) == 0 }
    func close() { pthread_rwlock_wrlock(lock) }
    /// Undoes `enter` or `close`.
    func leave() { pthread_rwlock_unlock(lock) }
}
