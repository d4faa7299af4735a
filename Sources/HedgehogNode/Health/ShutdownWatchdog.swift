internal import Base

/// Sees to it that a shutdown ends. The loop may have to wait for the disk at its end, and a disk that hangs would keep
/// it there, deaf to signals; so the watch has a thread of its own.
final class ShutdownWatch {
    private let ended = Mailbox<Bool>(capacity: 1)
    private let thread: WorkerThread?

    /// Calls `orElse` on that thread unless `end` comes first.
    init(milliseconds: Int, orElse: @escaping @Sendable () -> Void) {
        let ended = ended
        thread = WorkerThread {
            var answer: [Bool] = []
            if ended.takeAll(into: &answer, waitingAtMostMilliseconds: milliseconds) == .nothingInTime { orElse() }
        }
    }

    /// To be called once, when there is nothing left to wait for.
    func end() {
        _ = ended.post(true, weight: 1)
        thread?.join()
    }
}
