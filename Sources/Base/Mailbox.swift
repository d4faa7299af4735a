#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// A bounded queue from any number of threads to one consumer thread, which may sleep on it: the commit thread and the
/// log writer each wait on one. The consumer takes all waiting elements at once, so the cost per element falls with
/// load.
///
/// `nonisolated(unsafe)` is sound here: `mutex` and `condition` are allocated once and used only through pthread calls,
/// and `state` is read and written only between lock and unlock.
@safe package final class Mailbox<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var weight = 0
        var isClosed = false
        var isConsumerAsleep = false
    }

    private let capacity: Int
    nonisolated(unsafe) private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    nonisolated(unsafe) private let condition: UnsafeMutablePointer<pthread_cond_t>
    nonisolated(unsafe) private var state = State()

    /// `capacity` bounds the sum of the waiting elements' weights, in the unit that the callers of `post` use.
    package init(capacity: Int) {
        self.capacity = capacity
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        #if canImport(Glibc)
        // The condition variable measures timeouts on the monotonic clock, which never jumps.
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
        #else
        unsafe pthread_cond_init(condition, nil)
        #endif
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Adds `element` and wakes the consumer if it sleeps. Returns false, without keeping the element, when the mailbox
    /// is closed or `weight` would exceed its capacity. Any thread; never waits for the consumer.
    package func post(_ element: Element, weight: Int) -> Bool {
        unsafe pthread_mutex_lock(mutex)
        guard unsafe !state.isClosed, unsafe state.weight + weight <= capacity else {
            unsafe pthread_mutex_unlock(mutex)
            return false
        }
        unsafe state.elements.append(element)
        unsafe state.weight += weight
        let wakes = unsafe state.isConsumerAsleep
        unsafe state.isConsumerAsleep = false
        unsafe pthread_mutex_unlock(mutex)
        // The condition variable is signalled after unlocking. Otherwise the woken thread might have to wait for the
        // lock: on one core, that costs two needless context switches.
        if wakes { unsafe pthread_cond_signal(condition) }
        return true
    }

    /// Makes every later `post` return false and wakes the consumer, which still receives the waiting elements. Any
    /// thread.
    package func close() {
        unsafe pthread_mutex_lock(mutex)
        unsafe state.isClosed = true
        unsafe state.isConsumerAsleep = false
        unsafe pthread_cond_signal(condition)
        unsafe pthread_mutex_unlock(mutex)
    }

    /// Moves all waiting elements into `batch`, whose contents are discarded and whose storage is reused. Blocks while
    /// the mailbox is empty. Returns false once it is closed and empty. Consumer thread only.
    package func takeAll(into batch: inout [Element]) -> Bool {
        batch.removeAll(keepingCapacity: true)
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while unsafe state.elements.isEmpty {
            if unsafe state.isClosed { return false }
            unsafe state.isConsumerAsleep = true
            unsafe pthread_cond_wait(condition, mutex)
        }
        unsafe swap(&batch, &state.elements)
        unsafe state.weight = 0
        return true
    }

    /// Takes all waiting elements without blocking. `batch` is empty afterwards if none was waiting.
    package func takeWaiting(into batch: inout [Element]) {
        batch.removeAll(keepingCapacity: true)
        unsafe pthread_mutex_lock(mutex)
        unsafe swap(&batch, &state.elements)
        unsafe state.weight = 0
        unsafe pthread_mutex_unlock(mutex)
    }

    /// How a call of `takeAll` with a timeout ended.
    package enum Taken: Sendable {
        case elements
        /// The timeout passed before an element came.
        case timedOut
        /// The mailbox is closed and empty.
        case closed
    }

    /// Takes all waiting elements and waits a limited time for the first one, for a consumer that also has periodic
    /// work.
    package func takeAll(into batch: inout [Element], waitingAtMostMilliseconds milliseconds: Int) -> Taken {
        batch.removeAll(keepingCapacity: true)
        var deadline = Self.deadline(inMilliseconds: milliseconds)
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while unsafe state.elements.isEmpty {
            if unsafe state.isClosed { return .closed }
            unsafe state.isConsumerAsleep = true
            let code = unsafe Self.wait(condition, mutex, until: &deadline)
            unsafe state.isConsumerAsleep = false
            if code == ETIMEDOUT, unsafe state.elements.isEmpty { return .timedOut }
        }
        unsafe swap(&batch, &state.elements)
        unsafe state.weight = 0
        return .elements
    }

    #if canImport(Glibc)
    private static func deadline(inMilliseconds milliseconds: Int) -> timespec {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        let nanoseconds = time.tv_nsec + milliseconds % 1000 * 1_000_000
        time.tv_sec += milliseconds / 1000 + nanoseconds / 1_000_000_000
        time.tv_nsec = nanoseconds % 1_000_000_000
        return time
    }

    private static func wait(
        _ condition: UnsafeMutablePointer<pthread_cond_t>, _ mutex: UnsafeMutablePointer<pthread_mutex_t>,
        until deadline: inout timespec
    ) -> Int32 {
        unsafe pthread_cond_timedwait(condition, mutex, &deadline)
    }
    #else
    private static func deadline(inMilliseconds milliseconds: Int) -> timespec {
        timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
    }

    private static func wait(
        _ condition: UnsafeMutablePointer<pthread_cond_t>, _ mutex: UnsafeMutablePointer<pthread_mutex_t>,
        until deadline: inout timespec
    ) -> Int32 {
        unsafe pthread_cond_timedwait_relative_np(condition, mutex, &deadline)
    }
    #endif

    /// The sum of the waiting elements' weights at this moment. Any thread.
    package var weight: Int {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return unsafe state.weight
    }
}
