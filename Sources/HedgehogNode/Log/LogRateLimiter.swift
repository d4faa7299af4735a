/// Admits one log line per minute of each kind and counts those it suppresses, so that a peer that is down does not
/// fill the log.
struct LogRateLimiter<Name: Hashable> {
    private static var periodMilliseconds: UInt64 { 60_000 }
    /// The most kinds of log lines that are tracked. Kinds are made of member names and message texts, so there are
    /// few. Above the limit, kinds whose minute is over are forgotten, and all of them if that is not enough.
    private static var maximumKinds: Int { 256 }

    private struct Kind {
        var admitsAgainAtMilliseconds: UInt64
        var suppressedCount = 0
    }

    private var kinds: [Name: Kind] = [:]

    /// Admits or suppresses one log line: returns how many lines of its kind were suppressed since the last admitted
    /// one, or nil if this line must be suppressed too.
    mutating func admit(_ name: Name, nowMilliseconds now: UInt64) -> Int? {
        if let kind = kinds[name], now < kind.admitsAgainAtMilliseconds {
            kinds[name]?.suppressedCount += 1
            return nil
        }
        let suppressedCount = kinds[name]?.suppressedCount ?? 0
        if kinds.count >= Self.maximumKinds { kinds = kinds.filter { now < $0.value.admitsAgainAtMilliseconds } }
        if kinds.count >= Self.maximumKinds { kinds.removeAll() }
        kinds[name] = Kind(admitsAgainAtMilliseconds: now + Self.periodMilliseconds)
        return suppressedCount
    }
}
