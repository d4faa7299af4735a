internal import Cluster
internal import Observability
internal import Reactor
internal import Storage

/// The node's log: writes events and access lines to one descriptor. Only the event loop may use it.
final class NodeLog {
    /// How long, in milliseconds, closing the log waits if the reader of the log is stuck.
    private static let closeMilliseconds = 1000

    private let writer: LogWriter
    private var encoder: LogEncoder
    private let level: LogLevel
    private let logsRequests: Bool

    init(_ configuration: NodeConfiguration, descriptor: Int32) throws(StartError) {
        guard let writer = LogWriter(descriptor: descriptor) else {
            throw StartError("cannot start the log's thread; raise the system's limit on threads")
        }
        self.writer = writer
        encoder = LogEncoder(format: configuration.logFormat, nodeID: configuration.nodeID.description)
        level = configuration.logLevel
        logsRequests = configuration.accessLog != .off && configuration.accessLog != .errors
    }

    var droppedLines: UInt64 { writer.droppedLines }

    /// Writes a log line about an event and flushes it at once, so that the line is in the log even if the event ends
    /// the process.
    func write(_ level: LogLevel, _ message: String, _ fields: [LogField] = []) {
        event(level, message, fields)
        flush()
    }

    func info(_ message: String, _ fields: [LogField] = []) { write(.info, message, fields) }

    func warn(_ message: String, _ fields: [LogField] = []) { write(.warn, message, fields) }

    /// Writes the log line of a slow request. It is not flushed at once, because an overloaded node writes such a line
    /// for every request.
    func slowRequest(_ fields: [LogField]) { event(.warn, "slow request", fields) }

    /// Logs an operation that this node did as a replica for the coordinator of a recorded request, so that the request
    /// can be found in the log of every node that took part.
    func replicated(_ operation: ReceivedOperation) {
        guard logsRequests else { return }
        event(.info, "replicated", [
            LogField("operation", .text(operation.kind.rawValue)),
            LogField("table", .text(operation.table.name.description)),
            LogField("source_node", .text(operation.sender.description)),
            LogField("result", .text(operation.succeeded ? "success" : "failure")),
            LogField("duration_ms", .duration(nanoseconds: operation.nanoseconds)),
        ] + operation.trace.logFields)
    }

    func access(_ record: AccessRecord) {
        writer.beginLine()
        encoder.append(record, to: &writer.gathered)
        writer.endLine()
    }

    /// Writes a line of exported spans that is already encoded, with its line feed.
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

// Log lines about the start of the node, its bootstrap and the state of its store.
extension NodeLog {
    func started(_ services: NodeServices, _ store: Store) {
        let configuration = services.configuration
        let cluster = configuration.cluster
        let quorums = services.member.record?.quorums ?? cluster.quorums
        var fields = [
            LogField("address", .text(services.address.description)),
            LogField("advertise", .text(services.advertise.description)),
            LogField("data_dir", .text(configuration.dataDirectory)),
            LogField("n", .integer(quorums.replicas)),
            LogField("r", .integer(quorums.read)),
            LogField("w", .integer(quorums.write)),
            LogField("members_expected", .integer(services.member.record?.members.count ?? cluster.bootstrapExpect)),
            LogField("members_known", .integer(services.member.members.count)),
            LogField("store_id", .text(store.storeID.description)),
            LogField("boot", .integer(Int(store.bootCounter))),
            LogField("tables", .integer(services.tables.all.count)),
            LogField("version", .text(Build.version)),
            LogField("traces", .text(services.tracing.sentence)),
        ]
        if !cluster.seeds.isEmpty {
            fields.append(LogField("seeds", .text(cluster.seeds.map(\.description).joined(separator: ","))))
        }
        info("node started", fields)
        for warning in configuration.tracingWarnings { warn(warning) }
        if configuration.sync == .interval {
            warn(
                "--sync interval: a crash of the machine loses the acknowledged writes of up to the last second; "
                    + "a crash of this process loses none")
        }
    }

    func bootstrapped(_ record: ClusterRecord) {
        let isSingleNode = record.members.count == 1
        info(isSingleNode ? "serving as a single node: N=1, one copy of each item" : "serving: bootstrap complete", [
            LogField("n", .integer(record.quorums.replicas)),
            LogField("r", .integer(record.quorums.read)),
            LogField("w", .integer(record.quorums.write)),
            LogField("partitions", .integer(record.partitions)),
            LogField("members", .text(record.members.map(\.nodeID.description).joined(separator: ","))),
            LogField("cluster_id", .text(record.clusterID.description)),
        ])
    }

    func storeChanged(_ state: StoreState) {
        if let problem = state.problem {
            warn("store rejects writes", [LogField("reason", .text(problem))])
        } else {
            info("store accepts writes again")
        }
    }
}
