import Reactor
import Testing

@Suite struct EventLoopTests {
    @Test("What is enqueued runs once, in order, and what that enqueues runs after one more look at the sockets")
    func enqueued() throws {
        let loop = try EventLoop()
        var seen: [String] = []
        loop.addTurnHook { _ in seen.append("turn") }
        loop.enqueue {
            seen.append("a")
            loop.enqueue { seen.append("c") }
        }
        loop.enqueue { seen.append("b") }
        #expect(seen.isEmpty)
        loop.run()
        #expect(seen == ["a", "b", "turn", "c", "turn"])
    }

    @Test("Turns tell time asleep from time in callbacks")
    func turns() throws {
        let loop = try EventLoop()
        var turns: [Turn] = []
        loop.addTurnHook { turns.append($0) }
        let timer = Timer(loop: loop)
        timer.start(afterMilliseconds: 30) {
            let start = EventLoop.monotonicNanoseconds()
            while EventLoop.monotonicNanoseconds() - start < 20_000_000 {}
            loop.enqueue { timer.close() }
        }
        loop.run()
        #expect(turns.map(\.number) == Array(1...UInt64(turns.count)))
        #expect(turns.reduce(0) { $0 + $1.busyNanoseconds } >= 20_000_000)
        #expect(turns.reduce(0) { $0 + $1.idleNanoseconds } >= 25_000_000)
    }

    @Test("Stop ends run though handles are still open, and close closes those")
    func stopping() throws {
        let loop = try EventLoop()
        let timer = Timer(loop: loop)
        timer.start(afterMilliseconds: 1, repeatMilliseconds: 1) { loop.stop() }
        loop.run()
        #expect(timer.isOpen)
        loop.close()
        #expect(!timer.isOpen)
    }

    @Test("A signal of the process becomes a callback")
    func signals() throws {
        let loop = try EventLoop()
        var watcher: SignalWatcher?
        var count = 0
        watcher = try SignalWatcher(loop: loop, signal: .user2) {
            count += 1
            watcher?.close()
        }
        raise(.user2)
        loop.run()
        #expect(count == 1)
        watcher = nil
    }
}
