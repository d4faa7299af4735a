#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// A lock held by many readers or by one writer. A waiting writer goes before new readers.
///
/// `nonisolated(unsafe)` is sound here: the lock is allocated once and used only through pthread calls.
final class ReadWriteLock: Sendable {
    nonisolated(unsafe) private let lock: UnsafeMutablePointer<pthread_rwlock_t>

    init() {
        lock = .allocate(capacity: 1)
        var attributes = pthread_rwlockattr_t()
        pthread_rwlockattr_init(&attributes)
        #if canImport(Glibc)
        // Writers are preferred. Otherwise a steady stream of readers would keep the commit thread from ever reopening
        // the database.
        pthread_rwlockattr_setkind_np(&attributes, Int32(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP))
        #endif
        pthread_rwlock_init(lock, &attributes)
        pthread_rwlockattr_destroy(&attributes)
    }

    deinit {
        pthread_rwlock_destroy(lock)
        lock.deallocate()
    }

    /// Locks for reading. Blocks while a writer holds the lock or waits for it. A thread that holds the lock must not
    /// call this again.
    func lockForReading() { pthread_rwlock_rdlock(lock) }
    /// Tries to lock for reading. Returns false instead of blocking.
    func tryLockForReading() -> Bool { pthread_rwlock_tryrdlock(lock) == 0 }
    func lockForWriting() { pthread_rwlock_wrlock(lock) }
    func unlock() { pthread_rwlock_unlock(lock) }
}
