internal import Cluster
internal import Observability
internal import Reactor

/// What the cluster's code lets be seen, on its way to metrics and log lines. Loop-bound.
final class ClusterEventRecorder: ClusterObserver {
    let replication: ReplicationMetrics
    let coordinator: CoordinatorMetrics
    let healing: RepairMetrics
    /// Set once, before the member starts.
    var onTableChange: ((TableState) -> Void)?
    var onBootstrapped: ((ClusterRecord) -> Void)?
    /// Set once, before the member starts.
    var exportsTraces = false
    /// How many hints are kept for a member, by its index. Set once, before the member starts.
    var hintsPending: (MemberIndex) -> UInt64 = { _ in 0 }

    let log: NodeLog
    private let nodeID: NodeID
    private var throttle = LineThrottle<LineName>()
    /// By index in the cluster record; nil for this node itself.
    private var series: [MemberSeries?] = []
    private var healingSeries: [RepairSeries?] = []
    private var readSeries: [RemoteReadSeries?] = []
    private var names: [NodeID] = []

    init(registry: MetricRegistry, log: NodeLog, nodeID: NodeID) {
        replication = ReplicationMetrics(registry: registry)
        coordinator = CoordinatorMetrics(registry: registry)
        healing = RepairMetrics(registry: registry)
        self.log = log
        self.nodeID = nodeID
    }

    func sent(_ write: SentWrite) {
        series[write.target]?.countSent(
            isDelete: write.isDelete, SendFate(write.result), nanoseconds: write.nanoseconds,
            exemplar: exemplar(write.trace))
    }

    func received(_ operation: ReceivedOperation) {
        replication.countReceived(
            ReplicatedOperation(operation.kind), success: operation.succeeded, nanoseconds: operation.nanoseconds,
            exemplar: exemplar(operation.trace))
        if operation.trace.isRecorded { log.replicated(operation) }
    }

    /// Of a request that is recorded, where its spans are sent to somebody.
    private func exemplar(_ trace: RequestTrace) -> Exemplar? {
        guard exportsTraces, trace.isRecorded,
            let traceID = TraceID(high: trace.traceHigh, low: trace.traceLow),
            let spanID = SpanID(rawValue: trace.spanID)
        else { return nil }
        return Exemplar(traceID: traceID, spanID: spanID, wallMilliseconds: EventLoop.wallMilliseconds())
    }

    func readRemotely(_ read: RemoteRead) {
        readSeries[read.target]?.count(success: read.succeeded, nanoseconds: read.nanoseconds)
    }

    func tableChanged(_ state: TableState) {
        log.info(state.isDeleted ? "table deleted" : "table created", [
            LogField("table", .text(state.name.description)), LogField("generation", .integer(Int(state.generation))),
        ])
        onTableChange?(state)
    }

    func memberChanged(_ member: NodeID, to state: MemberState) {
        let fields = [LogField("target_node", .text(member.description)), LogField("state", .text(state.rawValue))]
        if state == .alive { log.info("member changed", fields) } else { log.warn("member changed", fields) }
    }

    func bootstrapped(_ record: ClusterRecord) {
        names = record.members.map(\.nodeID)
        series = names.map { $0 == nodeID ? nil : replication.member($0.description) }
        healingSeries = names.map { $0 == nodeID ? nil : healing.member($0.description) }
        readSeries = names.map { $0 == nodeID ? nil : coordinator.member($0.description) }
        onBootstrapped?(record)
    }

    func noted(_ event: ClusterEvent) {
        switch event {
        case .wroteBack: coordinator.countWriteBack()
        case .hedged: coordinator.countHedge()
        case .quorumFailed: break
        case .versionConflict(let table):
            coordinator.countConflict()
            let fields = [LogField("table", .text(table))]
            say("version conflict", "replicas hold one version with different values", fields)
        case .refusedMessage(let sentence):
            say("refused \(sentence)", "message of another node refused", [LogField("reason", .text(sentence))])
        case .missed(let write, let fate): missed(write, fate)
        case .replayed(let replayed): finished(replayed)
        case .repaired(let member, let pulled, let pushed, let dropped):
            let series = mending(of: member)
            series?.countKeys(.pulled, pulled)
            series?.countKeys(.pushed, pushed)
            series?.countKeys(.dropped, dropped)
        case .compared(let member, let comparison): finished(comparison, with: member)
        case .readRepair(let succeeded): healing.countReadRepair(succeeded: succeeded)
        case .purged(let partition, let tombstones): purged(tombstones, of: partition)
        case .purgeBlocked(let partition, let why): purgeBlocked(partition, why)
        case .storeReplaced(let why):
            let line = "this node's disk is not what its cluster knows: it does not vote until it is whole again"
            log.say(.error, line, [LogField("reason", .text(why))])
        case .recovered: log.info("the recovery of this node has ended: it votes again")
        }
    }

    func name(_ member: MemberIndex) -> String { names[member].description }

    /// Nil for this node itself.
    func mending(of member: MemberIndex) -> RepairSeries? { healingSeries[member] }
}

// Lines.
extension ClusterEventRecorder {
    /// Said when it is known what became of the hint, so that one line tells all of it.
    private func missed(_ write: MissedWrite, _ fate: ClusterEvent.HintFate) {
        if case .lost(let loss) = fate { mending(of: write.target)?.countHintLoss(HintLossReason(loss)) }
        let target = name(write.target)
        say(.missed(write.target, write.result, fate.word), as: .warn, fate.sentence, [
            LogField("target_node", .text(target)), LogField("op", .text(write.isDelete ? "delete" : "put")),
            LogField("table", .text(write.table.name.description)), LogField("cause", .text(write.result.rawValue)),
            LogField("hint", .text(fate.word)),
            LogField("hints_pending", .integer(Int(clamping: hintsPending(write.target)))),
        ] + write.trace.logFields)
    }

    func say(
        _ kind: String, as level: LogLevel = .warn, _ message: String, _ fields: @autoclosure () -> [LogField]
    ) {
        say(.words(kind), as: level, message, fields())
    }

    /// At most one line of a kind a minute, with the number of those held back.
    private func say(
        _ name: LineName, as level: LogLevel, _ message: String, _ fields: @autoclosure () -> [LogField]
    ) {
        guard let heldBack = throttle.admit(name, nowMilliseconds: EventLoop.monotonicNanoseconds() / 1_000_000) else {
            return
        }
        log.say(level, message, fields() + (heldBack > 0 ? [LogField("held_back", .integer(heldBack))] : []))
    }
}

extension RequestTrace {
    /// Of the client's request, so that its lines on all nodes can be found.
    var logFields: [LogField] {
        guard !requestID.isEmpty else { return [] }
        var fields = [LogField("request_id", .bytes(requestID))]
        let traceID = TraceID(high: traceHigh, low: traceLow)
        if let traceID { fields.append(LogField("trace_id", .traceID(traceID))) }
        return fields
    }
}

extension SendFate {
    fileprivate init(_ result: Cluster.SendResult) {
        switch result {
        case .success: self = .success
        case .failure: self = .failure
        case .nodeDown: self = .nodeDown
        }
    }
}

extension ReplicatedOperation {
    fileprivate init(_ kind: ReceivedOperation.Kind) {
        switch kind {
        case .get: self = .get
        case .put: self = .put
        case .delete: self = .delete
        }
    }
}

/// What makes two lines the same kind. Every write that a dead replica misses has one, so it is cheap to make.
private enum LineName: Hashable {
    case words(String)
    case missed(MemberIndex, Cluster.SendResult, String)
}

extension ClusterEvent.HintFate {
    fileprivate var word: String {
        switch self {
        case .stored: "stored"
        case .unneeded: "unneeded"
        case .noHolder: "none"
        case .lost(.budget): "lost_limit"
        case .lost(.disk): "lost_disk"
        case .lost(.queue): "lost_queue"
        }
    }

    fileprivate var sentence: String {
        switch self {
        case .stored: "replication failed: a hint is kept"
        case .unneeded: "replication failed: a newer hint is kept already, or the table is gone"
        case .noHolder: "replication failed on every replica: there is nothing to keep a hint of"
        case .lost: "replication failed, and no hint could be kept: anti-entropy owes the member this write"
        }
    }
}
