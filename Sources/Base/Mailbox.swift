#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// A bounded hand-over from any thread to one consumer thread that may sleep: the commit thread and the log writer
/// each wait on one. The consumer takes everything that has gathered, so the more there is, the cheaper each is.
///
/// `nonisolated(unsafe)` is sound here: `mutex` and `condition` are allocated once and used only through pthread
/// calls, and `state` is read and written only between lock and unlock.
@safe package final class Mailbox<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var weight = 0
        var isClosed = false
        var consumerSleeps = false
    }

    private let capacity: Int
    nonisolated(unsafe) private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    nonisolated(unsafe) private let condition: UnsafeMutablePointer<pthread_cond_t>
    nonisolated(unsafe) private var state = State()

    /// `capacity` bounds the sum of the weights that wait, in whatever unit the callers of `post` use.
    package init(capacity: Int) {
        self.capacity = capacity
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        #if canImport(Glibc)
        // Waits are measured on the clock that never jumps.
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

    /// False, and nothing is kept, when the mailbox is closed or `weight` more would pass its capacity.
    package func post(_ element: Element, weight: Int) -> Bool {
        unsafe pthread_mutex_lock(mutex)
        guard unsafe !state.isClosed, unsafe state.weight + weight <= capacity else {
            unsafe pthread_mutex_unlock(mutex)
            return false
        }
        unsafe state.elements.append(element)
        unsafe state.weight += weight
        let wakes = unsafe state.consumerSleeps
        unsafe state.consumerSleeps = false
        unsafe pthread_mutex_unlock(mutex)
        // With the lock in hand it would wake a thread that has to wait for us: on one core, two switches for nothing.
        if wakes { unsafe pthread_cond_signal(condition) }
        return true
    }

    /// After this, `post` refuses; the consumer still gets what waits, then nil.
    package func close() {
        unsafe pthread_mutex_lock(mutex)
        unsafe state.isClosed = true
        unsafe state.consumerSleeps = false
        unsafe pthread_cond_signal(condition)
        unsafe pthread_mutex_unlock(mutex)
    }

    /// Swaps everything that waits into `batch` (emptied first, its storage reused). Sleeps while there is nothing;
    /// false once the mailbox is closed and empty. For the one consumer thread only.
    package func takeAll(into batch: inout [Element]) -> Bool {
        batch.removeAll(keepingCapacity: true)
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while unsafe state.elements.isEmpty {
            if unsafe state.isClosed { return false }
            unsafe state.consumerSleeps = true
            unsafe pthread_cond_wait(condition, mutex)
        }
        unsafe swap(&batch, &state.elements)
        unsafe state.weight = 0
        return true
    }

    /// The same without sleeping: `batch` is empty when nothing waits.
    package func takeWhatWaits(into batch: inout [Element]) {
        batch.removeAll(keepingCapacity: true)
        unsafe pthread_mutex_lock(mutex)
        unsafe swap(&batch, &state.elements)
        unsafe state.weight = 0
        unsafe pthread_mutex_unlock(mutex)
    }

    package enum Taken: Sendable {
        case elements
        case nothingInTime
        /// Closed and empty: nothing will come any more.
        case closed
    }

    /// `takeAll` for a consumer with something else to do now and then: it sleeps for so long at most.
    package func takeAll(into batch: inout [Element], waitingAtMostMilliseconds milliseconds: Int) -> Taken {
        batch.removeAll(keepingCapacity: true)
        var deadline = Self.deadline(inMilliseconds: milliseconds)
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while unsafe state.elements.isEmpty {
            if unsafe state.isClosed { return .closed }
            unsafe state.consumerSleeps = true
            let code = unsafe Self.wait(condition, mutex, until: &deadline)
            unsafe state.consumerSleeps = false
            if code == ETIMEDOUT, unsafe state.elements.isEmpty { return .nothingInTime }
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

    /// The sum of the weights that wait now.
    package var weight: Int {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return unsafe state.weight
    }
}
