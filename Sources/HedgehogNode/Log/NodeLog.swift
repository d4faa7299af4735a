internal import Cluster
internal import Observability
internal import Reactor
internal import Storage

/// The node's log: what happens to it, and the requests it answers, as lines on one descriptor.
final class NodeLog {
    /// How long the end waits for a reader of the log that takes nothing.
    private static let closeMilliseconds = 1000

    private let writer: LogWriter
    private var encoder: LogEncoder
    private let level: LogLevel
    private let logsRequests: Bool

    init(_ configuration: NodeConfiguration, descriptor: Int32) throws(StartError) {
        guard let writer = LogWriter(descriptor: descriptor) else {
            throw StartError("the system has no thread for the log")
        }
        self.writer = writer
        encoder = LogEncoder(format: configuration.logFormat, nodeID: configuration.nodeID)
        level = configuration.logLevel
        logsRequests = configuration.accessLog != .off && configuration.accessLog != .errors
    }

    var droppedLines: UInt64 { writer.droppedLines }

    /// Handed over at once: what happens to a node should be seen though the node dies of it.
    func say(_ level: LogLevel, _ message: String, _ fields: [LogField] = []) {
        event(level, message, fields)
        flush()
    }

    func info(_ message: String, _ fields: [LogField] = []) { say(.info, message, fields) }

    func warn(_ message: String, _ fields: [LogField] = []) { say(.warn, message, fields) }

    /// With the other lines about requests: when a node is slow, this comes for each of them.
    func slowRequest(_ fields: [LogField]) { event(.warn, "slow request", fields) }

    /// What this node did for a request of a client of another node, where that is recorded: the request can be found
    /// in the log of every node that took part.
    func replicated(_ operation: ReceivedOperation) {
        guard logsRequests else { return }
        event(.info, "replicated", [
            LogField("operation", .text(operation.kind.rawValue)),
            LogField("table", .text(operation.table.name.description)),
            LogField("source_node", .text(operation.sender)),
            LogField("result", .text(operation.succeeded ? "success" : "failure")),
            LogField("duration_ms", .duration(nanoseconds: operation.nanoseconds)),
        ] + operation.trace.logFields)
    }

    func access(_ record: AccessRecord) {
        writer.beginLine()
        encoder.append(record, to: &writer.gathered)
        writer.endLine()
    }

    /// A line that is one already.
    func spans(_ line: [UInt8]) {
        writer.beginLine()
        writer.gathered += line
        writer.endLine()
    }

    func flush() { writer.flush() }

    func close() { writer.close(withinMilliseconds: Self.closeMilliseconds) }

    private func event(_ level: LogLevel, _ message: String, _ fields: [LogField]) {
        guard level >= self.level else { return }
        let now = EventLoop.wallMilliseconds() * 1_000_000
        let record = EventRecord(wallNanoseconds: now, level: level, message: message, fields: fields)
        writer.beginLine()
        encoder.append(record, to: &writer.gathered)
        writer.endLine()
    }
}

// What a node has to say of itself.
extension NodeLog {
    func started(_ parts: NodeServices, _ store: Store) {
        let configuration = parts.configuration
        let cluster = configuration.cluster
        let quorums = parts.member.record?.quorums ?? cluster.quorums
        var fields = [
            LogField("address", .text(parts.address.description)),
            LogField("advertise", .text(parts.advertise.description)),
            LogField("data_dir", .text(configuration.dataDirectory)),
            LogField("n", .integer(quorums.replicas)),
            LogField("r", .integer(quorums.read)),
            LogField("w", .integer(quorums.write)),
            LogField("members_expected", .integer(parts.member.record?.members.count ?? cluster.bootstrapExpect)),
            LogField("members_known", .integer(parts.member.members.count)),
            LogField("store_id", .text(store.storeID.description)),
            LogField("boot", .integer(Int(store.bootCounter))),
            LogField("tables", .integer(parts.tables.all.count)),
            LogField("version", .text(Build.version)),
            LogField("traces", .text(parts.tracing.sentence)),
        ]
        if !cluster.seeds.isEmpty {
            fields.append(LogField("seeds", .text(cluster.seeds.map(\.description).joined(separator: ","))))
        }
        info("node started", fields)
        for warning in configuration.tracingWarnings { warn(warning) }
        if configuration.sync == .interval {
            warn("--sync interval: an acknowledged write survives the death of this process, not that of the machine")
        }
    }

    func formed(_ record: ClusterRecord, _ parts: NodeServices) {
        let isAlone = record.members.count == 1
        info(isAlone ? "serving, alone: N=1 for good, each item has one copy" : "serving in a formed cluster", [
            LogField("n", .integer(record.quorums.replicas)),
            LogField("r", .integer(record.quorums.read)),
            LogField("w", .integer(record.quorums.write)),
            LogField("partitions", .integer(record.partitions)),
            LogField("members", .text(record.members.map(\.nodeID).joined(separator: ","))),
            LogField("cluster_id", .text(record.clusterID.description)),
        ])
    }

    func storeChanged(_ state: StoreState) {
        if let problem = state.problem {
            warn("writes are refused", [LogField("reason", .text(problem))])
        } else {
            info("writes are taken again")
        }
    }
}
