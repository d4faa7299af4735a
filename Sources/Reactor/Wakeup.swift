internal import Base
internal import CLibuv

/// Wakes a loop from any thread. Several signals before the loop reacts are one wakeup.
package final class Wakeup: Sendable {
    /// The libuv handle that wakes the loop. Used only while `isOpen` is locked. The listener keeps the memory until
    /// libuv's close callback and closes only after it has set `isOpen` to false under the same lock, so a thread that
    /// reads true there has a live handle.
    nonisolated(unsafe) private let async: UnsafeMutablePointer<uv_async_t>
    private let isOpen = Locked(true)

    fileprivate init(async: UnsafeMutablePointer<uv_async_t>) {
        self.async = async
    }

    /// Makes the handler of the `WakeupListener` run on its loop soon. May be called on any thread. No effect once the
    /// listener is closed.
    package func signal() {
        isOpen.withLock { isOpen in
            if isOpen { uv_async_send(async) }
        }
    }

    fileprivate func close() {
        isOpen.withLock { $0 = false }
    }
}

/// The receiving end of a `Wakeup`, on the loop. Loop thread only.
package final class WakeupListener: Handle {
    /// The sending end of the wakeup, to be handed to other threads.
    package let wakeup: Wakeup
    private var handler: (() -> Void)?

    /// Calls `handler` on the loop at least once after each signal of `wakeup`. Throws when the process has no
    /// descriptor left.
    package init(loop: EventLoop, _ handler: @escaping () -> Void) throws(ReactorError) {
        self.handler = handler
        let memory = Handle.allocate(UV_ASYNC)
        wakeup = Wakeup(async: memory.assumingMemoryBound(to: uv_async_t.self))
        super.init(loop: loop, memory: memory)
        try begin(
            uv_async_init(loop.raw, memory.assumingMemoryBound(to: uv_async_t.self)) {
                owner($0?.pointee.data, as: WakeupListener.self).signalled()
            })
    }

    private func signalled() {
        precondition(isOpen, "a closed wakeup listener was called")
        handler?()
    }

    override func willClose() {
        wakeup.close()
    }

    override func didClose() {
        handler = nil
    }
}
