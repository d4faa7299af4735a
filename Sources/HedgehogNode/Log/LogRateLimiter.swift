/// Lets one line of a kind through a minute, and says with it how many were held back before: a peer that is down would
/// else fill the log.
struct LineThrottle<Name: Hashable> {
    private static var periodMilliseconds: UInt64 { 60_000 }
    /// Kinds are made of members' names and of our own words; beyond that many the oldest are forgotten.
    private static var kinds: Int { 256 }

    private struct Kind {
        var openAgainAt: UInt64
        var heldBack = 0
    }

    private var kinds: [Name: Kind] = [:]

    /// The number of lines held back since the last one that passed; nil when this one is held back.
    mutating func admit(_ kind: Name, nowMilliseconds now: UInt64) -> Int? {
        if let known = kinds[kind], now < known.openAgainAt {
            kinds[kind]?.heldBack += 1
            return nil
        }
        let heldBack = kinds[kind]?.heldBack ?? 0
        if kinds.count >= Self.kinds { kinds = kinds.filter { now < $0.value.openAgainAt } }
        if kinds.count >= Self.kinds { kinds.removeAll() }
        kinds[kind] = Kind(openAgainAt: now + Self.periodMilliseconds)
        return heldBack
    }
}
