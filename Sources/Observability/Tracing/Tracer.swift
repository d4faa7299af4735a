/// Starts and ends the spans of one node, without global state. Only the event loop may use it.
///
/// A span that has not ended can be found by its id: work that is passed between modules, or to another node and back,
/// carries only its trace context.
package final class Tracer {
    package struct Counts: Equatable, Sendable {
        /// The numbers of traces that started or arrived at this node, by the decision whether to record them.
        package var sampled: UInt64 = 0
        package var unsampled: UInt64 = 0
        package var capped: UInt64 = 0
        package var exportQueueFull: UInt64 = 0
        package var spansStarted: UInt64 = 0
        package var spansEnded: UInt64 = 0

        func traces(_ decision: TraceDecision) -> UInt64 {
            switch decision {
            case .sampled: sampled
            case .unsampled: unsampled
            case .capped: capped
            case .exportQueueFull: exportQueueFull
            }
        }
    }

    package private(set) var counts = Counts()
    /// Called with every span of this node when it has ended.
    package var onEnd: (SpanRecord) -> Void = { _ in }
    /// Returns whether the export queue has room for the spans of a new trace. Called for each trace that would be
    /// recorded. While it returns false, fewer new traces are recorded.
    package var exportQueueHasRoom: () -> Bool = { true }

    private let sampler: Sampler
    private var rateLimit: TraceRateLimit
    private var exportQueueFullLimit = TraceRateLimit(perSecond: ObservabilityLimits.exportQueueFullTracesPerSecond)
    private let limits: SpanLimits
    private var random: IdentifierGenerator
    private let monotonicNanoseconds: () -> UInt64
    private let wallNanoseconds: () -> UInt64
    private var open = OpenSpans()

    /// Both clocks are in nanoseconds. The monotonic clock gives all times of spans. The wall clock is read only for a
    /// span without a parent that is open on this node, such as the first span of a trace.
    package init(
        sampler: Sampler, rateLimit: TraceRateLimit, limits: SpanLimits, random: IdentifierGenerator,
        monotonicNanoseconds: @escaping () -> UInt64, wallNanoseconds: @escaping () -> UInt64
    ) {
        self.sampler = sampler
        self.rateLimit = rateLimit
        self.limits = limits
        self.random = random
        self.monotonicNanoseconds = monotonicNanoseconds
        self.wallNanoseconds = wallNanoseconds
    }

    package var openCount: Int { open.count }

    /// The current time on the monotonic clock, in nanoseconds.
    package var now: UInt64 { monotonicNanoseconds() }

    /// Returns the span of this node that has this id and has not ended, or nil.
    package func active(_ spanID: SpanID) -> ActiveSpan? { open[spanID] }
}

// MARK: Starting spans

extension Tracer {
    /// Starts the first span of a trace on this node, for a request that starts the trace or continues it. The request
    /// arrived at `startNanoseconds` on the monotonic clock. Returns nil if the trace is not recorded.
    package func enter(
        _ trace: TraceContext, _ name: String, _ kind: SpanRecord.Kind, startNanoseconds: UInt64
    ) -> ActiveSpan? {
        guard sampler.samples(trace) else {
            counts.unsampled += 1
            return nil
        }
        guard rateLimit.admits(atNanoseconds: startNanoseconds) else {
            counts.capped += 1
            return nil
        }
        // While the export queue is nearly full, leaving out complete traces is better than dropping single spans of
        // many traces later.
        guard exportQueueHasRoom() || exportQueueFullLimit.admits(atNanoseconds: startNanoseconds) else {
            counts.exportQueueFull += 1
            return nil
        }
        counts.sampled += 1
        return begin(
            trace.traceID, parent: trace.parent, parentIsRemote: trace.parent != nil,
            flags: trace.flags.union(.sampled), tracestate: trace.tracestate, name, kind,
            startNanoseconds: startNanoseconds, wallOffset: wallOffset)
    }

    /// Starts a new trace for work that the node does on its own, such as the replay of hints. The limits on new traces
    /// do not apply.
    package func begin(_ name: String, _ kind: SpanRecord.Kind) -> ActiveSpan {
        let trace = TraceContext(using: &random)
        return begin(
            trace.traceID, parent: nil, parentIsRemote: false, flags: trace.flags.union(.sampled), tracestate: .empty,
            name, kind, startNanoseconds: now, wallOffset: wallOffset)
    }

    /// Starts a child of a span that this node or another process records. `startNanoseconds` is on the monotonic
    /// clock; nil means now.
    package func begin(
        _ name: String, _ kind: SpanRecord.Kind, traceID: TraceID, parent: SpanID, isRemote: Bool, flags: TraceFlags,
        startNanoseconds: UInt64? = nil
    ) -> ActiveSpan {
        let known = open[parent]
        return begin(
            traceID, parent: parent, parentIsRemote: isRemote, flags: flags, tracestate: .empty, name, kind,
            startNanoseconds: startNanoseconds ?? now, wallOffset: known?.wallOffset ?? wallOffset)
    }

    private var wallOffset: UInt64 { wallNanoseconds() &- now }

    private func begin(
        _ traceID: TraceID, parent: SpanID?, parentIsRemote: Bool, flags: TraceFlags, tracestate: Tracestate,
        _ name: String, _ kind: SpanRecord.Kind, startNanoseconds: UInt64, wallOffset: UInt64
    ) -> ActiveSpan {
        let start = startNanoseconds &+ wallOffset
        let span = ActiveSpan(
            SpanRecord(
                traceID: traceID, spanID: SpanID(using: &random), parent: parent, parentIsRemote: parentIsRemote,
                flags: flags, tracestate: tracestate, kind: kind, name: name, startNanoseconds: start,
                endNanoseconds: start, limits: limits),
            wallOffset: wallOffset)
        open.insert(span)
        counts.spansStarted += 1
        return span
    }
}

// MARK: Ending spans

extension Tracer {
    package func end(_ span: ActiveSpan, atNanoseconds monotonic: UInt64? = nil) {
        open.remove(span.spanID)
        counts.spansEnded += 1
        onEnd(span.end(atNanoseconds: monotonic ?? now))
    }
}
