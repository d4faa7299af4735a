/// One turn of a loop: from one moment before it might sleep to the next.
package struct Turn: Sendable {
    package let number: UInt64
    /// Time in callbacks. While it lasts nothing else is served: this is the lag a waiting event can see.
    package let busyNanoseconds: UInt64
    /// Time asleep in the kernel.
    package let idleNanoseconds: UInt64
}

struct IterationTimer {
    private var number: UInt64 = 0
    private var lastNow: UInt64?
    private var lastIdle: UInt64 = 0

    /// `idle` is the loop's total sleep so far; both in nanoseconds. The first turn has no beginning and counts as 0.
    mutating func lap(now: UInt64, idle: UInt64) -> Turn {
        let elapsed = now - (lastNow ?? now)
        let slept = min(elapsed, idle - lastIdle)
        number += 1
        lastNow = now
        lastIdle = idle
        return Turn(number: number, busyNanoseconds: elapsed - slept, idleNanoseconds: slept)
    }
}
