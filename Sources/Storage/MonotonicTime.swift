#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The time of the monotonic clock, which is never set and starts at an arbitrary point.
func monotonicNanoseconds() -> UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
}
