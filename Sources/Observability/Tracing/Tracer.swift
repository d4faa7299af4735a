/// Opens and ends the spans of one node. Loop-bound; nothing is global.
///
/// Spans that are open can be found by their id: work that is handed from module to module, or to another node and
/// back, is named by its trace context alone.
package final class Tracer {
    package struct Counts: Equatable, Sendable {
        /// Traces that entered here, by what was decided.
        package var sampled: UInt64 = 0
        package var unsampled: UInt64 = 0
        /// Those that only the cap kept out.
        package var capped: UInt64 = 0
        /// Those for whose spans there was no room.
        package var crowded: UInt64 = 0
        package var spansBegun: UInt64 = 0
        package var spansEnded: UInt64 = 0
    }

    package private(set) var counts = Counts()
    /// Called with every span that has ended.
    package var onEnd: (SpanRecord) -> Void = { _ in }
    /// Whether the spans of another trace would find room on their way to whoever reads them. Asked of every trace that
    /// would be recorded; while it is so, only few are.
    package var hasRoom: () -> Bool = { true }

    private let sampler: Sampler
    private var cap: SampleCap
    private var crowdedCap = SampleCap(perSecond: ObservabilityLimits.crowdedTracesPerSecond)
    private let limits: SpanLimits
    private var random: IdentifierGenerator
    private let monotonicNanoseconds: () -> UInt64
    private let wallNanoseconds: () -> UInt64
    private var open = OpenSpans()

    /// Both clocks are read where a trace enters; only the first after that.
    package init(
        sampler: Sampler, cap: SampleCap, limits: SpanLimits, random: IdentifierGenerator,
        monotonicNanoseconds: @escaping () -> UInt64, wallNanoseconds: @escaping () -> UInt64
    ) {
        self.sampler = sampler
        self.cap = cap
        self.limits = limits
        self.random = random
        self.monotonicNanoseconds = monotonicNanoseconds
        self.wallNanoseconds = wallNanoseconds
    }

    package var openCount: Int { open.count }

    package var now: UInt64 { monotonicNanoseconds() }

    /// The span of that id, if it is of this node and still open.
    package func active(_ spanID: SpanID) -> ActiveSpan? { open[spanID] }
}

// Beginning.
extension Tracer {
    /// A trace enters the node, or begins here, with a client's request that came at `startNanoseconds` on the
    /// monotonic clock. Nil when it is not recorded.
    package func enter(
        _ trace: TraceContext, _ name: String, _ kind: SpanRecord.Kind, startNanoseconds: UInt64
    ) -> ActiveSpan? {
        guard sampler.samples(trace) else {
            counts.unsampled += 1
            return nil
        }
        guard cap.admits(atNanoseconds: startNanoseconds) else {
            counts.capped += 1
            return nil
        }
        // What would be dropped later, a span here and a span there, is better left out as a whole.
        guard hasRoom() || crowdedCap.admits(atNanoseconds: startNanoseconds) else {
            counts.crowded += 1
            return nil
        }
        counts.sampled += 1
        return begin(
            trace.traceID, parent: trace.parent, parentIsRemote: trace.parent != nil,
            flags: trace.flags.union(.sampled), tracestate: trace.tracestate, name, kind,
            startNanoseconds: startNanoseconds, wallOffset: wallOffset)
    }

    /// The node begins a trace on its own account, which the cap does not concern.
    package func begin(_ name: String, _ kind: SpanRecord.Kind) -> ActiveSpan {
        let trace = TraceContext(using: &random)
        return begin(
            trace.traceID, parent: nil, parentIsRemote: false, flags: trace.flags.union(.sampled), tracestate: .empty,
            name, kind, startNanoseconds: now, wallOffset: wallOffset)
    }

    /// Work under a span that another process, or this one, has decided to record.
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
        counts.spansBegun += 1
        return span
    }
}

// Ending.
extension Tracer {
    package func end(_ span: ActiveSpan, atNanoseconds monotonic: UInt64? = nil) {
        open.remove(span.spanID)
        counts.spansEnded += 1
        onEnd(span.end(atNanoseconds: monotonic ?? now))
    }
}
