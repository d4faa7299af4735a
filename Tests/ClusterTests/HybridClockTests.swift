import Cluster
import Testing

@Suite struct HybridClockTests {
    private let wall: UInt64 = 1_800_000_000_000

    @Test("Timestamps increase while the wall clock stands still or goes back")
    func monotonic() {
        var clock = HybridClock(maximumSkewMilliseconds: 500)
        let first = clock.issue(wallMilliseconds: wall)
        let second = clock.issue(wallMilliseconds: wall)
        let third = clock.issue(wallMilliseconds: wall - 60_000)
        #expect(first < second)
        #expect(second < third)
        #expect(third.milliseconds == wall)
    }

    @Test("A stored version ahead of the wall clock by less than the maximum skew advances the clock")
    func nearFuture() {
        var clock = HybridClock(maximumSkewMilliseconds: 500)
        let found = HybridTimestamp(milliseconds: wall + 400)
        #expect(clock.issue(above: found, wallMilliseconds: wall) > found)
        #expect(clock.issue(wallMilliseconds: wall) > found)
    }

    @Test("A stored version far in the future is exceeded once, and does not advance the clock")
    func farFuture() {
        var clock = HybridClock(maximumSkewMilliseconds: 500)
        let found = HybridTimestamp(milliseconds: wall + 300_000)
        #expect(clock.issue(above: found, wallMilliseconds: wall) > found)
        #expect(clock.issue(wallMilliseconds: wall).milliseconds == wall)
        let followed = clock.observe(found, wallMilliseconds: wall)
        #expect(!followed)
    }
}
