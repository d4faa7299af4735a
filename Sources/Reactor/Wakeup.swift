internal import CLibuv
internal import Synchronization

/// Rings a loop from any thread. Rings that come faster than the loop turns are one ring.
package final class Wakeup: Sendable {
    /// Used only inside `isOpen`'s lock. The listener keeps the memory until libuv's close callback, and it closes only
    /// after it has set `isOpen` to false under the same lock; so whoever sees true there sees a living handle.
    nonisolated(unsafe) private let async: UnsafeMutablePointer<uv_async_t>
    private let isOpen = Mutex(true)

    fileprivate init(async: UnsafeMutablePointer<uv_async_t>) {
        self.async = async
    }

    /// Once the listener is closed this does nothing.
    package func signal() {
        isOpen.withLock { isOpen in
            if isOpen { uv_async_send(async) }
        }
    }

    fileprivate func shut() {
        isOpen.withLock { $0 = false }
    }
}

/// The loop's end of a `Wakeup`.
package final class WakeupListener: Handle {
    package let wakeup: Wakeup
    private var handler: (() -> Void)?

    /// `handler` runs on the loop, at least once after each signal.
    package init(loop: EventLoop, _ handler: @escaping () -> Void) throws(ReactorError) {
        self.handler = handler
        let memory = Handle.allocate(UV_ASYNC)
        wakeup = Wakeup(async: memory.assumingMemoryBound(to: uv_async_t.self))
        super.init(loop: loop, memory: memory)
        try begin(
            uv_async_init(loop.raw, memory.assumingMemoryBound(to: uv_async_t.self)) {
                owner($0?.pointee.data, as: WakeupListener.self).ring()
            })
    }

    private func ring() {
        precondition(isOpen, "a closed wakeup rang")
        handler?()
    }

    override func willClose() {
        wakeup.shut()
    }

    override func didClose() {
        handler = nil
    }
}
