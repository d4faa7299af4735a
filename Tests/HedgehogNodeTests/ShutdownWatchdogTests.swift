import Base
import Testing

@testable import HedgehogNode

@Suite struct ShutdownWatchTests {
    @Test("A shutdown that does not end in time is ended")
    func overdue() {
        let calls = Mailbox<Bool>(capacity: 1)
        let watch = ShutdownWatch(milliseconds: 1) { _ = calls.post(true, weight: 1) }
        var called: [Bool] = []
        #expect(calls.takeAll(into: &called))
        #expect(called == [true])
        watch.end()
    }

    @Test("One that ends is left alone")
    func inTime() {
        let calls = Mailbox<Bool>(capacity: 1)
        ShutdownWatch(milliseconds: 60_000) { _ = calls.post(true, weight: 1) }.end()
        #expect(calls.weight == 0)
    }
}
