import Base
import Testing

@testable import HedgehogNode

@Suite struct ShutdownWatchdogTests {
    @Test("The watchdog calls its handler when the shutdown does not end in time")
    func overdue() {
        let calls = Mailbox<Bool>(capacity: 1)
        let watch = ShutdownWatchdog(milliseconds: 1) { _ = calls.post(true, weight: 1) }
        var called: [Bool] = []
        #expect(calls.takeAll(into: &called))
        #expect(called == [true])
        watch.end()
    }

    @Test("The watchdog does nothing when the shutdown ends in time")
    func inTime() {
        let calls = Mailbox<Bool>(capacity: 1)
        ShutdownWatchdog(milliseconds: 60_000) { _ = calls.post(true, weight: 1) }.end()
        #expect(calls.weight == 0)
    }
}
