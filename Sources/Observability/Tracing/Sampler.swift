/// Decides whether a trace is recorded. The decision is made once, where the trace starts or enters the cluster.
package struct Sampler: Equatable, Sendable {
    package enum Rule: Equatable, Sendable {
        case always
        case never
        /// Records this share of all trace ids, the same ids on every node.
        case ratio(Double)
    }

    /// The rule for traces that start here.
    package let root: Rule
    /// Whether the sampled flag of a caller's `traceparent` overrides the rule.
    package let followsParent: Bool

    package init(root: Rule, followsParent: Bool) {
        self.root = root
        self.followsParent = followsParent
    }

    /// OpenTelemetry's `parentbased_always_on`.
    package static let standard = Sampler(root: .always, followsParent: true)

    package func samples(_ trace: TraceContext) -> Bool {
        if followsParent, trace.parent != nil { return trace.flags.contains(.sampled) }
        switch root {
        case .always: return true
        case .never: return false
        case .ratio(let share): return Double(trace.traceID.low >> 11) * 0x1p-53 < share
        }
    }
}

/// Limits how many traces are recorded in a second, whatever the sampler or the caller decides. With little load every
/// request is recorded; a load test, or a caller that marks every request as sampled, cannot overload the collector.
/// The first traces of each second are recorded.
package struct TraceRateLimit: Sendable {
    /// The limit; 0 means no limit.
    package let perSecond: Int
    private var second: UInt64 = 0
    private var taken = 0

    package init(perSecond: Int) { self.perSecond = perSecond }

    package mutating func admits(atNanoseconds monotonic: UInt64) -> Bool {
        guard perSecond > 0 else { return true }
        let now = monotonic / 1_000_000_000
        if now != second {
            second = now
            taken = 0
        }
        guard taken < perSecond else { return false }
        taken += 1
        return true
    }
}
