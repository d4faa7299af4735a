/// The timing of one loop iteration, measured from one moment before the loop may sleep to the next such moment.
package struct LoopIteration: Sendable {
    /// The number of the loop iteration, counted from 1 for the life of the loop.
    package let number: UInt64
    /// Time that the loop iteration spent in callbacks. Nothing else is served meanwhile, so this bounds how late a
    /// waiting event is handled.
    package let busyNanoseconds: UInt64
    /// Time that the loop slept in the kernel during the iteration.
    package let idleNanoseconds: UInt64
}

/// Splits the time between two loop iterations into callbacks and sleep.
struct IterationTimer {
    private var number: UInt64 = 0
    private var lastNow: UInt64?
    private var lastIdle: UInt64 = 0

    /// Ends one iteration. `now` is the monotonic clock and `idle` the loop's total sleep so far, both in nanoseconds.
    /// The first iteration has no recorded beginning and takes 0 ns.
    mutating func lap(now: UInt64, idle: UInt64) -> LoopIteration {
        let elapsed = now - (lastNow ?? now)
        let slept = min(elapsed, idle - lastIdle)
        number += 1
        lastNow = now
        lastIdle = idle
        return LoopIteration(number: number, busyNanoseconds: elapsed - slept, idleNanoseconds: slept)
    }
}
