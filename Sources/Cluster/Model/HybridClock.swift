/// A reading of a hybrid logical clock: 48 bits of wall milliseconds since 1970, then a 16-bit counter.
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

/// Issues timestamps that never repeat and never go back within a process, close to the wall clock.
/// (Kulkarni et al., "Logical Physical Clocks", 2014.) It holds no clock of its own: the caller passes wall time.
package struct HybridClock: Sendable {
    /// How far ahead of the wall a timestamp heard from elsewhere may be and still advance this clock.
    private let maximumSkewMilliseconds: UInt64
    private var latest = HybridTimestamp(rawValue: 0)

    package init(maximumSkewMilliseconds: UInt64) {
        self.maximumSkewMilliseconds = maximumSkewMilliseconds
    }

    /// A timestamp above every one issued before and above `found`, if given. A `found` from far in the future is
    /// exceeded for this one write; it does not drag the clock there.
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

    /// Advances the clock to `heard`; false, and nothing changes, when that is further ahead of the wall than allowed.
    package mutating func observe(_ heard: HybridTimestamp, wallMilliseconds: UInt64) -> Bool {
        guard heard.milliseconds <= wallMilliseconds + maximumSkewMilliseconds else { return false }
        latest = max(latest, heard)
        return true
    }
}

extension HybridTimestamp {
    /// Saturates at the last timestamp there is, in the year 10889.
    fileprivate var successor: HybridTimestamp {
        rawValue == .max ? self : HybridTimestamp(rawValue: rawValue + 1)
    }
}
