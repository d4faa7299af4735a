/// The account of one target's hints since the directory was made. It is changed in the batch that stores or removes a
/// hint, so that it closes at every moment and across restarts:
///
///     stored = delivered + superseded + expired + pending
package struct HintTotals: Equatable, Sendable {
    package private(set) var stored: UInt64 = 0
    package private(set) var delivered: UInt64 = 0
    /// A newer hint took its place, or its table was deleted.
    package private(set) var superseded: UInt64 = 0
    package private(set) var expired: UInt64 = 0
    package private(set) var pending: UInt64 = 0
    /// Of those pending.
    package private(set) var pendingBytes: UInt64 = 0
    /// Since when there has always been a hint, by the wall in milliseconds since 1970: no pending one was stored
    /// before that. 0 when none is pending, and in an account that an earlier version kept.
    package private(set) var waitingSinceMilliseconds: UInt64 = 0

    package init() {}

    /// As they were kept; nil for an account that does not close.
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

    /// `replaced` is the hint of the same place that gives way.
    package mutating func store(_ hint: Hint, replacing replaced: Hint? = nil) {
        stored += 1
        pending += 1
        pendingBytes += UInt64(hint.weightBytes)
        waits(since: hint.storedAt.wallMilliseconds)
        if let replaced { remove(replaced, .superseded) }
    }

    /// One of those pending was stored then. A wall clock that was set back may give a later one an earlier time.
    package mutating func waits(since wallMilliseconds: UInt64) {
        let known = waitingSinceMilliseconds == 0 ? .max : waitingSinceMilliseconds
        waitingSinceMilliseconds = min(known, max(wallMilliseconds, 1))
    }

    /// Requires: it was stored.
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
