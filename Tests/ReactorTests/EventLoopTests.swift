import Reactor
import Testing

@Suite struct EventLoopTests {
    @Test("Enqueued work runs once, in order, and work that it enqueues runs in the next iteration")
    func enqueued() throws {
        let loop = try EventLoop()
        var seen: [String] = []
        loop.addIterationHook { _ in seen.append("iteration end") }
        loop.enqueue {
            seen.append("a")
            loop.enqueue { seen.append("c") }
        }
        loop.enqueue { seen.append("b") }
        #expect(seen.isEmpty)
        loop.run()
        #expect(seen == ["a", "b", "iteration end", "c", "iteration end"])
    }

    @Test("Iterations report the time asleep and the time in callbacks")
    func iterations() throws {
        let loop = try EventLoop()
        var iterations: [LoopIteration] = []
        loop.addIterationHook { iterations.append($0) }
        let timer = Timer(loop: loop)
        timer.start(afterMilliseconds: 30) {
            let start = EventLoop.monotonicNanoseconds()
            while EventLoop.monotonicNanoseconds() - start < 20_000_000 {}
            loop.enqueue { timer.close() }
        }
        loop.run()
        #expect(iterations.map(\.number) == Array(1...UInt64(iterations.count)))
        #expect(iterations.reduce(0) { $0 + $1.busyNanoseconds } >= 20_000_000)
        #expect(iterations.reduce(0) { $0 + $1.idleNanoseconds } >= 25_000_000)
    }

    @Test("Stop ends run while handles are open, and close closes them")
    func stopping() throws {
        let loop = try EventLoop()
        let timer = Timer(loop: loop)
        timer.start(afterMilliseconds: 1, repeatMilliseconds: 1) { loop.stop() }
        loop.run()
        #expect(timer.isOpen)
        loop.close()
        #expect(!timer.isOpen)
    }

    @Test("A POSIX signal becomes a callback on the loop")
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
