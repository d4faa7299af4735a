internal import CLibuv

package final class Timer: Handle {
    private var handler: (() -> Void)?
    private var repeats = false

    package init(loop: EventLoop) {
        super.init(loop: loop, type: UV_TIMER)
        guard (try? begin(uv_timer_init(loop.raw, timer))) != nil else {
            preconditionFailure("initialising a timer only fills in memory and cannot fail")
        }
    }

    /// Counts from the time this turn began. Starting again replaces what was there. With 0 the handler runs before the
    /// loop next sleeps; a handler that restarts its own timer with 0 for ever never lets it.
    package func start(
        afterMilliseconds delay: UInt64, repeatMilliseconds: UInt64 = 0, _ handler: @escaping () -> Void
    ) {
        precondition(isOpen, "a closed timer was started")
        self.handler = handler
        repeats = repeatMilliseconds > 0
        uv_timer_start(timer, { owner($0?.pointee.data, as: Timer.self).fire() }, delay, repeatMilliseconds)
    }

    package func stop() {
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
