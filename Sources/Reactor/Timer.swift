internal import CLibuv

/// A one-shot or repeating timer of a loop. Loop thread only.
package final class Timer: Handle {
    private var handler: (() -> Void)?
    private var repeats = false

    package init(loop: EventLoop) {
        super.init(loop: loop, type: UV_TIMER)
        guard (try? begin(uv_timer_init(loop.raw, timer))) != nil else {
            preconditionFailure("initialising a timer only fills in memory and cannot fail")
        }
    }

    /// Runs `handler` on the loop after `delay`, then every `repeatMilliseconds` unless that is 0. The delay counts
    /// from the beginning of the current loop iteration. Starting again replaces the delay and the handler. With a
    /// delay of 0 the handler runs before the loop next sleeps; a handler that always restarts its own timer with 0
    /// keeps the loop from ever sleeping.
    package func start(
        afterMilliseconds delay: UInt64, repeatMilliseconds: UInt64 = 0, _ handler: @escaping () -> Void
    ) {
        loop.assertOnLoop()
        precondition(isOpen, "a closed timer was started")
        self.handler = handler
        repeats = repeatMilliseconds > 0
        uv_timer_start(timer, { owner($0?.pointee.data, as: Timer.self).fire() }, delay, repeatMilliseconds)
    }

    /// Cancels the timer, which may be started again. No effect on one that is not started or is closed.
    package func stop() {
        loop.assertOnLoop()
        guard isOpen else { return }
        uv_timer_stop(timer)
        handler = nil
    }

    private func fire() {
        precondition(isOpen, "a closed timer fired")
        guard let handler else { preconditionFailure("a timer fired that was not started") }
        if !repeats { self.handler = nil }
        handler()
    }

    override func didClose() {
        handler = nil
    }

    private var timer: UnsafeMutablePointer<uv_timer_t> { memory.assumingMemoryBound(to: uv_timer_t.self) }
}
