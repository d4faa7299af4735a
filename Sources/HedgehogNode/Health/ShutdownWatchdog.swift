internal import Base

/// Ends a shutdown that hangs. At its end the loop waits for the disk and handles no signals, so a hanging disk would
/// keep the process alive; the watchdog therefore has its own thread.
final class ShutdownWatchdog {
    private let ended = Mailbox<Bool>(capacity: 1)
    private let thread: WorkerThread?

    /// Calls `onTimeout` on the watchdog's thread after `milliseconds`, unless `end` is called before.
    init(milliseconds: Int, onTimeout: @escaping @Sendable () -> Void) {
        let ended = ended
        thread = WorkerThread {
            var answer: [Bool] = []
            if ended.takeAll(into: &answer, waitingAtMostMilliseconds: milliseconds) == .timedOut { onTimeout() }
        }
    }

    /// Ends the watchdog when the shutdown is complete. Must be called once.
    func end() {
        _ = ended.post(true, weight: 1)
        thread?.join()
    }
}
