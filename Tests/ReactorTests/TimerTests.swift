import Reactor
import Testing

@Suite struct TimerTests {
    @Test("Timers fire in the order of their delays, whatever the order of starting")
    func order() throws {
        let loop = try EventLoop()
        var fired: [Int] = []
        let timers = [30, 10, 20].map { delay in
            let timer = Timer(loop: loop)
            timer.start(afterMilliseconds: UInt64(delay)) { fired.append(delay) }
            return timer
        }
        loop.run()
        #expect(fired == [10, 20, 30])
        for timer in timers { timer.close() }
        loop.close()
    }

    @Test("A repeating timer fires until its own handler closes it")
    func repeating() throws {
        let loop = try EventLoop()
        let timer = Timer(loop: loop)
        var count = 0
        timer.start(afterMilliseconds: 1, repeatMilliseconds: 1) {
            count += 1
            if count == 3 { timer.close() }
        }
        loop.run()
        #expect(count == 3)
    }

    @Test("A timer that is started again drops its previous handler")
    func replaced() throws {
        let loop = try EventLoop()
        let timer = Timer(loop: loop)
        var fired: [String] = []
        timer.start(afterMilliseconds: 1) { fired.append("first") }
        timer.start(afterMilliseconds: 2) { fired.append("second") }
        loop.run()
        #expect(fired == ["second"])
        timer.close()
        loop.close()
    }
}
