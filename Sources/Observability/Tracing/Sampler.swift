/// Whether a trace is recorded, decided once, where it begins or enters the cluster.
package struct Sampler: Equatable, Sendable {
    package enum Rule: Equatable, Sendable {
        case always
        case never
        /// This share of all trace ids, the same ones on every node.
        case ratio(Double)
    }

    /// Of traces that begin here.
    package let root: Rule
    /// Whether a caller that sends a `traceparent` has decided already.
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

/// How many traces a second are recorded at most, whoever asked for them: a newcomer sees every request, and a load
/// test, or a caller that marks everything as sampled, drowns nobody. Not spread over the second: the first ones of
/// each are taken.
package struct SampleCap: Sendable {
    /// 0: no limit.
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
