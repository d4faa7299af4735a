/// Decides whether a trace is recorded. The decision is made once, where the trace starts or enters the cluster.
package struct Sampler: Equatable, Sendable {
    package enum Rule: Equatable, Sendable {
        case always
        case never
        /// Records this share (0 to 1) of all traces, selected by trace id, so that every node selects the same traces.
        case ratio(Double)
    }

    /// The sampling rule for traces that start at this node.
    package let root: Rule
    /// Whether the sampled flag of a caller's `traceparent` overrides the sampling rule of this node.
    package let followsParent: Bool

    package init(root: Rule, followsParent: Bool) {
        self.root = root
        self.followsParent = followsParent
    }

    /// The default sampler, `parentbased_always_on` in OpenTelemetry: the sampled flag of a caller's `traceparent`
    /// decides, and a trace that starts at this node is recorded.
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

/// Limits how many new traces a node records in a second, whatever the sampler or the caller decides. With little load
/// every request is recorded; a load test, or a caller that marks every request as sampled, cannot overload the
/// collector. The first traces of each second are recorded.
package struct TraceRateLimit: Sendable {
    /// The maximum number of traces in a second; 0 means no limit.
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
