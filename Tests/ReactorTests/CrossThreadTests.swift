import Base
import Dispatch
import Reactor
import Testing

@Suite struct CrossThreadTests {
    @Test("A thread wakes the loop, which then sees everything posted before")
    func wakeup() throws {
        let loop = try EventLoop()
        let mailbox = Mailbox<Int>(capacity: 1_000)
        var received: [Int] = []
        var listener: WakeupListener?
        listener = try WakeupListener(loop: loop) {
            guard mailbox.weight > 0 else { return }
            var batch: [Int] = []
            _ = mailbox.takeAll(into: &batch)
            received += batch
            if received.count == 1_000 { listener?.close() }
        }
        let wakeup = try #require(listener).wakeup
        onThread {
            for number in 0..<1_000 {
                _ = mailbox.post(number, weight: 1)
                wakeup.signal()
            }
        }
        loop.run()
        #expect(received == Array(0..<1_000))
        listener = nil
    }

    @Test("Signalling after the listener has closed, or while it closes, has no effect")
    func lateSignal() throws {
        let loop = try EventLoop()
        let finished = Mailbox<Bool>(capacity: 1)
        let listener = try WakeupListener(loop: loop) {}
        let wakeup = listener.wakeup
        onThread {
            for _ in 0..<10_000 { wakeup.signal() }
            _ = finished.post(true, weight: 1)
        }
        loop.enqueue { listener.close() }
        loop.run()
        var batch: [Bool] = []
        #expect(finished.takeAll(into: &batch))
        wakeup.signal()
        #expect(!listener.isOpen)
    }

    @Test("A job runs on another thread and completes on the loop after offload has returned")
    func offload() throws {
        let loop = try EventLoop()
        let queue = WorkQueue(loop: loop)
        let here = threadIdentity()
        var results: [Int] = []
        var elsewhere = 0
        for number in 0..<20 {
            try queue.offload({ (number * number, threadIdentity()) }) { square, thread in
                results.append(square)
                if thread != here { elsewhere += 1 }
            }
        }
        #expect(results.isEmpty)
        #expect(queue.pendingCount == 20)
        loop.run()
        #expect(results.sorted() == (0..<20).map { $0 * $0 })
        #expect(elsewhere == 20)
        #expect(queue.pendingCount == 0)
    }

    @Test("Jobs that no worker has started are counted apart from those that run")
    func waitingJobs() throws {
        let loop = try EventLoop()
        let queue = WorkQueue(loop: loop)
        let gate = DispatchSemaphore(value: 0)
        // More jobs are queued than the thread pool has workers. Most jobs wait in the queue behind the jobs that block
        // on the gate.
        for _ in 0..<64 {
            try queue.offload({
                gate.wait()
                gate.signal()
            }) {}
        }
        #expect(queue.waitingCount >= 48 && queue.waitingCount <= 64)
        gate.signal()
        loop.run()
        #expect(queue.waitingCount == 0 && queue.pendingCount == 0)
    }

    @Test("A full work queue throws, and accepts a job again when one has completed")
    func boundedQueue() throws {
        let loop = try EventLoop()
        let queue = WorkQueue(loop: loop, maximumPending: 1)
        var results: [Int] = []
        try queue.offload({ 1 }) { value in
            results.append(value)
            #expect(throws: Never.self) { try queue.offload({ 3 }) { results.append($0) } }
        }
        #expect(throws: ReactorError.workQueueFull(limit: 1)) { try queue.offload({ 2 }) { results.append($0) } }
        loop.run()
        #expect(results == [1, 3])
    }
}
