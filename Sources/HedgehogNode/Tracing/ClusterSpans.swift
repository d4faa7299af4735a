internal import Cluster
internal import Observability

/// What the cluster's code does for requests that are recorded, as spans. Loop-bound.
///
/// A piece of work is found again by the span id in its `RequestTrace`. One whose span is not open here, as a peer made
/// it up or it has ended, is passed over.
final class ClusterSpans: ClusterTracer {
    private let tracer: Tracer
    private let showsKeys: Bool
    private let isDisabled: Bool
    /// By index in the cluster record. Set when the cluster is formed.
    var members: [String] = []

    init(_ tracing: Tracing) {
        tracer = tracing.tracer
        showsKeys = tracing.settings.showsKeys
        isDisabled = tracing.settings.isDisabled
    }

    func began(_ work: ClusterWork, parent: RequestTrace) -> RequestTrace {
        guard !isDisabled, let traceID = TraceID(high: parent.traceHigh, low: parent.traceLow),
            let spanID = SpanID(rawValue: parent.spanID)
        else { return parent.unrecorded }
        let span = tracer.begin(
            work.spanName, work.spanKind, traceID: traceID, parent: spanID, isRemote: work.isOfPeer,
            flags: TraceFlags(rawValue: parent.traceFlags))
        if let subject = WorkSubject(work, for: parent, members: members, showsKeys: showsKeys) {
            span.concerns(subject)
        }
        return parent.under(spanID: span.spanID.rawValue)
    }

    func beganReplay(to target: Int, of writes: [RequestTrace]) -> RequestTrace {
        if isDisabled { return .none }
        let span = tracer.begin("hint.replay", .internal)
        span.set("hedgehog.target_node", .text(name(target)))
        span.set("hedgehog.hints.count", .integer(writes.count))
        for write in writes {
            guard let link = SpanLink(write) else { continue }
            span.link(link)
        }
        return RequestTrace(
            requestID: [], traceHigh: span.traceID.high, traceLow: span.traceID.low, spanID: span.spanID.rawValue,
            traceFlags: span.flags.rawValue)
    }

    func noted(_ moment: ClusterMoment, in work: RequestTrace) {
        guard let span = open(work) else { return }
        let now = tracer.now
        switch moment {
        case .versionsKnown(let answers, let required):
            span.note(
                "versions.known",
                [SpanAttribute("hedgehog.answers", .integer(answers)), .required(required)], atNanoseconds: now)
        case .quorumReached(let acks, let required):
            span.note(
                "quorum.reached",
                [SpanAttribute("hedgehog.quorum.acked", .integer(acks)), .required(required)], atNanoseconds: now)
        case .hedged: span.note("hedged", atNanoseconds: now)
        case .writesBack(let missing):
            span.note(
                "write_back", [SpanAttribute("hedgehog.replicas.missing", .integer(missing))], atNanoseconds: now)
        case .targetDown(let target):
            span.note(
                "target.down", [SpanAttribute("hedgehog.target_node", .text(name(target)))], atNanoseconds: now)
        }
    }

    func ended(_ work: RequestTrace, _ end: ClusterWorkEnd) {
        guard let span = open(work) else { return }
        conclude(span, end)
        tracer.end(span)
    }

    private func open(_ work: RequestTrace) -> ActiveSpan? {
        SpanID(rawValue: work.spanID).flatMap { tracer.active($0) }
    }

    private func name(_ member: Int) -> String { members.indices.contains(member) ? members[member] : "" }
}

// What a span says of how its work ended.
extension ClusterSpans {
    private func conclude(_ span: ActiveSpan, _ end: ClusterWorkEnd) {
        switch end {
        case .done: break
        case .notFound: span.set("hedgehog.found", .flag(false))
        case .answered(let answer):
            markIfLate(span)
            span.set("hedgehog.result", .text(answer.word))
            if let problem = answer.problem { span.fail(answer.word, problem) }
        case .unanswered(let failure):
            markIfLate(span)
            span.fail(failure.word, failure.description)
        case .unavailable(let unavailable):
            span.set("hedgehog.quorum.acked", .integer(unavailable.acks))
            span.set("hedgehog.outcome", .text(unavailable.outcome.rawValue))
            span.fail(unavailable.reason.word)
        case .read(let source): span.concerns(ReadSubject(source: source))
        case .readFailed(let error): span.fail("storage", error.description)
        case .written(let result, let batch):
            if let batch { describe(batch, of: span) }
            span.set("hedgehog.result", .text(result.word))
            if let problem = result.problem { span.fail(result.word, problem) }
        }
    }

    /// A replica that answers when the client has its answer already: it outlasts the work that it is a part of.
    private func markIfLate(_ span: ActiveSpan) {
        guard span.kind == .client, let parent = span.parent, tracer.active(parent) == nil else { return }
        span.set("hedgehog.late", .flag(true))
    }

    /// The batch is over when this is known, so its two parts are told of afterwards.
    private func describe(_ batch: CommitTimes, of span: ActiveSpan) {
        span.set("hedgehog.batch.operations", .integer(batch.operations))
        add("storage.batch_wait", under: span, from: span.startedAtNanoseconds, to: batch.startNanoseconds)
        guard batch.syncStartNanoseconds > 0 else { return }
        add("storage.fsync", under: span, from: batch.syncStartNanoseconds, to: batch.syncEndNanoseconds)
    }

    private func add(_ name: String, under span: ActiveSpan, from start: UInt64, to end: UInt64) {
        let part = tracer.begin(
            name, .internal, traceID: span.traceID, parent: span.spanID, isRemote: false, flags: span.flags,
            startNanoseconds: start)
        tracer.end(part, atNanoseconds: end)
    }
}

extension SpanAttribute {
    fileprivate static func required(_ count: Int) -> SpanAttribute {
        SpanAttribute("hedgehog.quorum.required", .integer(count))
    }
}

extension SpanLink {
    fileprivate init?(_ trace: RequestTrace) {
        guard let traceID = TraceID(high: trace.traceHigh, low: trace.traceLow),
            let spanID = SpanID(rawValue: trace.spanID)
        else { return nil }
        self.init(traceID: traceID, spanID: spanID, flags: TraceFlags(rawValue: trace.traceFlags))
    }
}
