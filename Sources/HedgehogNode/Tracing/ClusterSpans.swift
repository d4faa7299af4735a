internal import Cluster
internal import Observability

/// Records the work that this node does for a client request as a coordinator or a replica, as spans, if the trace of
/// the request is recorded. Only the event loop may use it.
///
/// The `RequestTrace` of a report contains the id of the span that the report is about. If no such span is open on this
/// node, because it has ended or because a peer sent a wrong id, the report is ignored.
final class ClusterSpans: ClusterTracer {
    private let tracer: Tracer
    private let showsKeys: Bool
    private let isDisabled: Bool
    /// The node ids by index in the cluster record. Set when the cluster has bootstrapped.
    var members: [NodeID] = []

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
            work.spanName, work.spanKind, traceID: traceID, parent: spanID, isRemote: work.hasRemoteParent,
            flags: TraceFlags(rawValue: parent.traceFlags))
        if let attributes = ClusterWorkAttributes(work, for: parent, members: members, showsKeys: showsKeys) {
            span.attach(attributes)
        }
        return parent.under(spanID: span.spanID.rawValue)
    }

    func beganReplay(to target: MemberIndex, of writes: [RequestTrace]) -> RequestTrace {
        if isDisabled { return .none }
        let span = tracer.begin("hint.replay", .internal)
        span.set("hedgehog.target_node", .text(name(target)))
        span.set("hedgehog.hints.count", .integer(writes.count))
        for write in writes {
            guard let link = SpanLink(write) else { continue }
            span.addLink(link)
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
            span.addEvent(
                "versions.known",
                [SpanAttribute("hedgehog.answers", .integer(answers)), .required(required)], atNanoseconds: now)
        case .quorumReached(let acks, let required):
            span.addEvent(
                "quorum.reached",
                [SpanAttribute("hedgehog.quorum.acked", .integer(acks)), .required(required)], atNanoseconds: now)
        case .hedged: span.addEvent("hedged", atNanoseconds: now)
        case .writesBack(let missing):
            span.addEvent(
                "write_back", [SpanAttribute("hedgehog.replicas.missing", .integer(missing))], atNanoseconds: now)
        case .targetDown(let target):
            span.addEvent(
                "target.down", [SpanAttribute("hedgehog.target_node", .text(name(target)))], atNanoseconds: now)
        }
    }

    func ended(_ work: RequestTrace, _ end: ClusterWorkEnd) {
        guard let span = open(work) else { return }
        setOutcome(span, end)
        tracer.end(span)
    }

    private func open(_ work: RequestTrace) -> ActiveSpan? {
        SpanID(rawValue: work.spanID).flatMap { tracer.active($0) }
    }

    private func name(_ member: MemberIndex) -> String {
        member.rawValue < members.count ? members[member].description : ""
    }
}

// The result of a unit of work, such as a call to a replica, becomes span attributes when the work ends.
extension ClusterSpans {
    private func setOutcome(_ span: ActiveSpan, _ end: ClusterWorkEnd) {
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
        case .read(let source): span.attach(ReadAttributes(source: source))
        case .readFailed(let error): span.fail("storage", error.description)
        case .written(let result, let batch):
            if let batch { addPhases(batch, of: span) }
            span.set("hedgehog.result", .text(result.word))
            if let problem = result.problem { span.fail(result.word, problem) }
        }
    }

    /// Marks the span of a call to a replica as late if its parent span has ended: the client was answered before this
    /// replica responded.
    private func markIfLate(_ span: ActiveSpan) {
        guard span.kind == .client, let parent = span.parent, tracer.active(parent) == nil else { return }
        span.set("hedgehog.late", .flag(true))
    }

    /// Adds child spans for the two parts of a commit to the span of a write to the store: the wait until its batch
    /// began, and the sync of the batch to the disk.
    private func addPhases(_ batch: CommitTimes, of span: ActiveSpan) {
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
