/// Counters of one target's hints since the data directory was created. They are updated in the same RocksDB batch that
/// stores or removes a hint, so this equation always holds, across restarts and crashes:
///
///     stored = delivered + superseded + expired + pending
package struct HintTotals: Equatable, Sendable {
    package private(set) var stored: UInt64 = 0
    package private(set) var delivered: UInt64 = 0
    /// Replaced by a newer hint, or dropped with a deleted table.
    package private(set) var superseded: UInt64 = 0
    package private(set) var expired: UInt64 = 0
    package private(set) var pending: UInt64 = 0
    /// The summed `weightBytes` of the pending hints.
    package private(set) var pendingBytes: UInt64 = 0
    /// A lower bound of the time at which the oldest pending hint was stored, in wall milliseconds since 1970. 0 when
    /// no hint is pending, and in totals written by an earlier program version.
    package private(set) var waitingSinceMilliseconds: UInt64 = 0

    package init() {}

    /// Restores stored hint totals; nil if `stored` is not the sum of the hints delivered, superseded, expired and
    /// pending, or if there is a size or time of pending hints although none is pending.
    package init?(
        stored: UInt64, delivered: UInt64, superseded: UInt64, expired: UInt64, pending: UInt64, pendingBytes: UInt64,
        waitingSinceMilliseconds: UInt64 = 0
    ) {
        var sum: UInt64 = 0
        for part in [delivered, superseded, expired, pending] {
            let (next, overflows) = sum.addingReportingOverflow(part)
            if overflows { return nil }
            sum = next
        }
        guard sum == stored, pending > 0 || pendingBytes == 0 && waitingSinceMilliseconds == 0 else { return nil }
        self.stored = stored
        self.delivered = delivered
        self.superseded = superseded
        self.expired = expired
        self.pending = pending
        self.pendingBytes = pendingBytes
        self.waitingSinceMilliseconds = waitingSinceMilliseconds
    }

    /// Counts a new hint. `replaced` is the older hint of the same key that it replaces.
    package mutating func store(_ hint: Hint, replacing replaced: Hint? = nil) {
        stored += 1
        pending += 1
        pendingBytes += UInt64(hint.weightBytes)
        waits(since: hint.storedAt.wallMilliseconds)
        if let replaced { remove(replaced, .superseded) }
    }

    /// Lowers `waitingSinceMilliseconds` to the time of a pending hint. A later hint can have an earlier time if the
    /// wall clock was set back.
    package mutating func waits(since wallMilliseconds: UInt64) {
        let known = waitingSinceMilliseconds == 0 ? .max : waitingSinceMilliseconds
        waitingSinceMilliseconds = min(known, max(wallMilliseconds, 1))
    }

    /// Counts the removal of a hint by its reason. Requires: `store` has counted this hint before.
    package mutating func remove(_ hint: Hint, _ fate: HintSettlement.Fate) {
        precondition(
            pending > 0 && pendingBytes >= UInt64(hint.weightBytes), "a hint was settled that was never stored")
        pending -= 1
        pendingBytes -= UInt64(hint.weightBytes)
        if pending == 0 { waitingSinceMilliseconds = 0 }
        switch fate {
        case .delivered: delivered += 1
        case .superseded: superseded += 1
        case .expired: expired += 1
        }
    }
}
