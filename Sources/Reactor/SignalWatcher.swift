internal import CLibuv
#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The POSIX signals that the database's processes handle.
package enum ProcessSignal: Sendable {
    case interrupt, terminate, hangUp, user1, user2

    var number: Int32 {
        switch self {
        case .interrupt: SIGINT
        case .terminate: SIGTERM
        case .hangUp: SIGHUP
        case .user1: SIGUSR1
        case .user2: SIGUSR2
        }
    }
}

/// Turns a POSIX signal into a callback on the loop, in place of the signal's default action, until closed.
package final class SignalWatcher: Handle {
    private var handler: (() -> Void)?

    /// Calls `handler` on the loop for each arrival of `signal`; several that arrive together may cause only one call.
    package init(loop: EventLoop, signal: ProcessSignal, _ handler: @escaping () -> Void) throws(ReactorError) {
        super.init(loop: loop, type: UV_SIGNAL)
        let watcher = memory.assumingMemoryBound(to: uv_signal_t.self)
        try begin(uv_signal_init(loop.raw, watcher))
        self.handler = handler
        let status = uv_signal_start(
            watcher, { watcher, _ in owner(watcher?.pointee.data, as: SignalWatcher.self).fire() }, signal.number)
        if status < 0 {
            close()
            throw ReactorError(code: status)
        }
    }

    private func fire() {
        precondition(isOpen, "a closed signal watcher was called")
        handler?()
    }

    override func didClose() {
        handler = nil
    }
}
