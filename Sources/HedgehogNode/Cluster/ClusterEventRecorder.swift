internal import Cluster
internal import Observability
internal import Reactor

/// Turns the events of the cluster member into metrics and log lines. Loop thread only.
final class ClusterEventRecorder: ClusterObserver {
    let replication: ReplicationMetrics
    let coordinator: CoordinatorMetrics
    let repair: RepairMetrics
    /// A callback that receives each table state once it is durable on this node. Set once, before the member is made.
    var onTableChange: ((TableState) -> Void)?
    /// Callbacks that are called in this order when the cluster record becomes known, which happens once.
    var onBootstrapped: [(ClusterRecord) -> Void] = []
    /// Whether spans are exported. If not, histograms get no exemplars, which would refer to them. Set once, before the
    /// member is made.
    var exportsTraces = false
    /// Returns the number of hints that this node stores for another member, given by its index in the cluster record.
    /// Set once, before the member is made.
    var hintsPending: (MemberIndex) -> UInt64 = { _ in 0 }

    let log: NodeLog
    private let nodeID: NodeID
    private var rateLimiter = LogRateLimiter<LineName>()
    /// The metric series of the writes sent to each other member, by the member's index in the cluster record. The
    /// element of this node itself is nil, also in `repairSeries` and `readSeries`.
    private var series: [MemberSeries?] = []
    private var repairSeries: [RepairSeries?] = []
    private var readSeries: [RemoteReadSeries?] = []
    private var names: [NodeID] = []

    init(registry: MetricRegistry, log: NodeLog, nodeID: NodeID) {
        replication = ReplicationMetrics(registry: registry)
        coordinator = CoordinatorMetrics(registry: registry)
        repair = RepairMetrics(registry: registry)
        self.log = log
        self.nodeID = nodeID
    }

    func sent(_ write: SentWrite) {
        series[write.target]?.countSent(
            isDelete: write.isDelete, write.result, nanoseconds: write.nanoseconds,
            exemplar: exemplar(write.trace))
    }

    func received(_ operation: ReceivedOperation) {
        replication.countReceived(
            operation.kind, success: operation.succeeded, nanoseconds: operation.nanoseconds,
            exemplar: exemplar(operation.trace))
        if operation.trace.isRecorded { log.replicated(operation) }
    }

    /// Returns an exemplar for a recorded request, or nil if the request is not recorded or spans are not exported.
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
        log.write(state == .alive ? .info : .warn, "member state changed", fields)
    }

    func bootstrapped(_ record: ClusterRecord) {
        names = record.members.map(\.nodeID)
        series = names.map { $0 == nodeID ? nil : replication.member($0.description) }
        repairSeries = names.map { $0 == nodeID ? nil : repair.member($0.description) }
        readSeries = names.map { $0 == nodeID ? nil : coordinator.member($0.description) }
        for callback in onBootstrapped { callback(record) }
    }

    func noted(_ event: ClusterEvent) {
        switch event {
        case .wroteBack: coordinator.countWriteBack()
        case .hedged: coordinator.countHedge()
        case .quorumFailed: break
        case .versionConflict(let table):
            coordinator.countConflict()
            let fields = [LogField("table", .text(table))]
            writeLimited("version conflict", "replicas hold the same version with different values", fields)
        case .refusedMessage(let sentence):
            writeLimited("refused \(sentence)", "rejected a message of a peer", [LogField("reason", .text(sentence))])
        case .missed(let write, let fate): missed(write, fate)
        case .replayed(let replayed): finished(replayed)
        case .repaired(let member, let pulled, let pushed, let dropped):
            let series = repairSeries(of: member)
            series?.countKeys(.pulled, pulled)
            series?.countKeys(.pushed, pushed)
            series?.countKeys(.dropped, dropped)
        case .compared(let member, let comparison): finished(comparison, with: member)
        case .readRepair(let succeeded): repair.countReadRepair(succeeded: succeeded)
        case .purged(let partition, let tombstones): purged(tombstones, of: partition)
        case .purgeBlocked(let partition, let why): purgeBlocked(partition, why)
        case .storeReplaced(let why):
            let line = "the disk was lost or rolled back: recovery started, not voting until it is complete"
            log.write(.error, line, [LogField("reason", .text(why))])
        case .recovered: log.info("recovery complete: this node votes again")
        }
    }

    func name(_ member: MemberIndex) -> String { names[member].description }

    /// The metric series for the repair of a member; nil for this node itself.
    func repairSeries(of member: MemberIndex) -> RepairSeries? { repairSeries[member] }
}

// Log lines.
extension ClusterEventRecorder {
    /// Reports a write that a replica missed. Called when the outcome of its hint is known, so that one log line
    /// describes both the write and its hint.
    private func missed(_ write: MissedWrite, _ fate: ClusterEvent.HintFate) {
        if case .lost(let loss) = fate { repairSeries(of: write.target)?.countHintLoss(loss) }
        let target = name(write.target)
        writeLimited(.missed(write.target, write.result, fate.word), as: .warn, fate.sentence, [
            LogField("target_node", .text(target)), LogField("op", .text(write.isDelete ? "delete" : "put")),
            LogField("table", .text(write.table.name.description)), LogField("cause", .text(write.result.rawValue)),
            LogField("hint", .text(fate.word)),
            LogField("hints_pending", .integer(Int(clamping: hintsPending(write.target)))),
        ] + write.trace.logFields)
    }

    /// Writes a log line, at most one per minute with the same `name`, and adds to it the number of lines suppressed
    /// since the last one.
    func writeLimited(
        _ name: String, as level: LogLevel = .warn, _ message: String, _ fields: @autoclosure () -> [LogField]
    ) {
        writeLimited(.text(name), as: level, message, fields())
    }

    private func writeLimited(
        _ name: LineName, as level: LogLevel, _ message: String, _ fields: @autoclosure () -> [LogField]
    ) {
        let now = EventLoop.monotonicNanoseconds() / 1_000_000
        guard let heldBack = rateLimiter.admit(name, nowMilliseconds: now) else { return }
        log.write(level, message, fields() + (heldBack > 0 ? [LogField("held_back", .integer(heldBack))] : []))
    }
}

extension RequestTrace {
    /// The ids of the client's request, by which its lines in the logs of all nodes can be found.
    var logFields: [LogField] {
        guard !requestID.isEmpty else { return [] }
        var fields = [LogField("request_id", .bytes(requestID))]
        let traceID = TraceID(high: traceHigh, low: traceLow)
        if let traceID { fields.append(LogField("trace_id", .traceID(traceID))) }
        return fields
    }
}

/// Identifies log lines of one kind, each of which is limited to one per minute. Every write that a dead replica misses
/// makes such a value, so `missed`, the case for these writes, needs no formatted text.
private enum LineName: Hashable {
    case text(String)
    case missed(MemberIndex, SendResult, String)
}

extension ClusterEvent.HintFate {
    fileprivate var word: String {
        switch self {
        case .stored: "stored"
        case .unneeded: "unneeded"
        case .noHolder: "none"
        case .lost(let loss): "lost_" + loss.rawValue
        }
    }

    fileprivate var sentence: String {
        switch self {
        case .stored: "replication failed: hint stored"
        case .unneeded: "replication failed: hint not needed, a newer one is stored or the table was deleted"
        case .noHolder: "replication failed on every replica: no hint stored, because no replica holds the write"
        case .lost: "replication failed and the hint was not stored: anti-entropy will copy the write"
        }
    }
}
