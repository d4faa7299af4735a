import Base
import Reactor
import Testing

/// Passes a loop or handle to another thread, as a caller with a bug would.
private struct Smuggled<Value>: @unchecked Sendable {
    let value: Value
}

/// Runs `body` on another thread and waits for its end.
private func elsewhere<Value>(_ value: Value, _ body: @escaping @Sendable (Value) -> Void) {
    let done = Mailbox<Bool>(capacity: 1)
    let smuggled = Smuggled(value: value)
    onThread {
        body(smuggled.value)
        _ = done.post(true, weight: 1)
    }
    var batch: [Bool] = []
    _ = done.takeAll(into: &batch)
}

@Suite struct LoopThreadTests {
    @Test("A loop belongs to the thread that made it until another thread runs it")
    func takeOver() throws {
        let loop = try EventLoop()
        let timer = Timer(loop: loop)
        var count = 0
        timer.start(afterMilliseconds: 1) { count += 1 }
        let smuggled = Smuggled(value: timer)
        elsewhere(loop) { loop in
            loop.run()
            smuggled.value.close()
            loop.run()
        }
        #expect(count == 1)
        #expect(!timer.isOpen)
        loop.close()
    }

    @Test("A handle that is used on another thread ends the process, in every build")
    func violations() async {
        await #expect(processExitsWith: .failure) {
            elsewhere(try EventLoop()) { $0.enqueue {} }
        }
        await #expect(processExitsWith: .failure) {
            elsewhere(try EventLoop()) { _ = Timer(loop: $0) }
        }
        await #expect(processExitsWith: .failure) {
            elsewhere(Timer(loop: try EventLoop())) { $0.start(afterMilliseconds: 1) {} }
        }
        await #expect(processExitsWith: .failure) {
            elsewhere(Timer(loop: try EventLoop())) { $0.close() }
        }
        await #expect(processExitsWith: .failure) {
            elsewhere(WorkQueue(loop: try EventLoop())) { try? $0.offload({}, then: {}) }
        }
    }

    @Test("A wakeup may be signalled on any thread")
    func wakeup() throws {
        let loop = try EventLoop()
        var listener: WakeupListener?
        listener = try WakeupListener(loop: loop) { listener?.close() }
        let wakeup = try #require(listener).wakeup
        elsewhere(wakeup) { $0.signal() }
        loop.run()
        #expect(listener?.isOpen == false)
        listener = nil
    }
}
