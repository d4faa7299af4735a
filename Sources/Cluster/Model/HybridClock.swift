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

/// A hybrid logical clock: issues strictly increasing timestamps that stay close to the wall clock. (Kulkarni et al.,
/// "Logical Physical Clocks", 2014.) The caller passes the wall time.
package struct HybridClock: Sendable {
    /// The greatest lead over the wall clock with which another node's timestamp still advances this clock.
    private let maximumSkewMilliseconds: UInt64
    private var latest = HybridTimestamp(rawValue: 0)

    package init(maximumSkewMilliseconds: UInt64) {
        self.maximumSkewMilliseconds = maximumSkewMilliseconds
    }

    /// Issues a timestamp above all earlier ones and above `found`, if given. If `found` is too far in the future, only
    /// this timestamp exceeds it, and the clock does not advance to it.
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

    /// Advances the clock to another node's timestamp. Returns false, without an effect, if its lead is too great.
    package mutating func observe(_ heard: HybridTimestamp, wallMilliseconds: UInt64) -> Bool {
        guard heard.milliseconds <= wallMilliseconds + maximumSkewMilliseconds else { return false }
        latest = max(latest, heard)
        return true
    }
}

extension HybridTimestamp {
    /// The next timestamp. Saturates at the highest one, in the year 10889.
    fileprivate var successor: HybridTimestamp {
        rawValue == .max ? self : HybridTimestamp(rawValue: rawValue + 1)
    }
}
