/// A timestamp of a hybrid logical clock: 48 bits of wall milliseconds since 1970, then a 16-bit counter.
package struct HybridTimestamp: Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    package init(milliseconds: UInt64) {
        rawValue = milliseconds << 16
    }

    package var milliseconds: UInt64 { rawValue >> 16 }

    package static func < (left: HybridTimestamp, right: HybridTimestamp) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// A hybrid logical clock: issues timestamps that stay close to the wall clock and only increase within a process.
/// (Kulkarni et al., "Logical Physical Clocks", 2014.) It reads no clock: the caller passes the wall time.
package struct HybridClock: Sendable {
    /// A timestamp of another node advances this clock only if it is at most this far ahead of the wall time.
    private let maximumSkewMilliseconds: UInt64
    private var latest = HybridTimestamp(rawValue: 0)

    package init(maximumSkewMilliseconds: UInt64) {
        self.maximumSkewMilliseconds = maximumSkewMilliseconds
    }

    /// Returns a timestamp above all that were issued before and above `found`. If `found` is further in the future
    /// than the allowed skew, only this one timestamp exceeds it; the clock does not advance that far.
    package mutating func issue(
        above found: HybridTimestamp? = nil, wallMilliseconds: UInt64
    ) -> HybridTimestamp {
        latest = max(HybridTimestamp(milliseconds: wallMilliseconds), latest.successor)
        guard let found, found >= latest else { return latest }
        if observe(found, wallMilliseconds: wallMilliseconds) {
            latest = latest.successor
            return latest
        }
        return found.successor
    }

    /// Advances the clock to a timestamp of another node. Returns false, and changes nothing, when that is further
    /// ahead of the wall time than the allowed skew.
    package mutating func observe(_ other: HybridTimestamp, wallMilliseconds: UInt64) -> Bool {
        guard other.milliseconds <= wallMilliseconds + maximumSkewMilliseconds else { return false }
        latest = max(latest, other)
        return true
    }
}

extension HybridTimestamp {
    /// The next timestamp. Saturates at the maximum, in the year 10889.
    fileprivate var successor: HybridTimestamp {
        rawValue == .max ? self : HybridTimestamp(rawValue: rawValue + 1)
    }
}
