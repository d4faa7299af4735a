@testable import Cluster
import Testing

@Suite struct FailureDetectorTests {
    private static let timeout: UInt64 = 1_000

    @Test("A silent member is suspect after the timeout and dead after twice the timeout", arguments: [
        (0, MemberState.alive, MemberState.alive), (999, .alive, .alive), (1_000, .alive, .suspect),
        (1_999, .alive, .suspect), (2_000, .alive, .dead), (2_000, .suspect, .dead),
        // Only a response makes a member alive again, not the passage of time.
        (0, .suspect, .suspect), (999, .dead, .dead), (1_500, .dead, .dead),
    ] as [(UInt64, MemberState, MemberState)])
    func silence(milliseconds: UInt64, before: MemberState, after: MemberState) {
        var detector = FailureDetector(timeoutMilliseconds: Self.timeout, nowMilliseconds: 10_000)
        for time in stride(from: UInt64(10_000), through: 10_000 + milliseconds, by: 100) {
            #expect(detector.advance(toMilliseconds: time) == 0)
        }
        _ = detector.advance(toMilliseconds: 10_000 + milliseconds)
        #expect(detector.state(after: before, lastResponseMilliseconds: 10_000) == after)
    }

    @Test("A pause of this process extends all timeouts, also the wait for members that never responded", arguments: [
        (499, 0), (500, 500), (60_000, 60_000),
    ] as [(UInt64, UInt64)])
    func pause(milliseconds: UInt64, extension expected: UInt64) {
        var detector = FailureDetector(timeoutMilliseconds: Self.timeout, nowMilliseconds: 0)
        #expect(detector.advance(toMilliseconds: milliseconds) == expected)
        #expect(!detector.hasWaitedForAll)
    }

    @Test("A member that never responded has been waited for after twice the timeout")
    func start() {
        var detector = FailureDetector(timeoutMilliseconds: Self.timeout, nowMilliseconds: 0)
        for time in stride(from: UInt64(0), to: 2_000, by: 100) {
            _ = detector.advance(toMilliseconds: time)
            #expect(!detector.hasWaitedForAll)
        }
        _ = detector.advance(toMilliseconds: 2_000)
        #expect(detector.hasWaitedForAll)
    }
}
