package import Cluster
package import Observability
package import Reactor

/// The validated settings of one node.
package struct NodeConfiguration: Sendable {
    package enum Sync: Equatable, Sendable {
        /// `--sync always`: each write is synced to the disk before it is acknowledged.
        case always
        /// `--sync interval`: the disk is synced once per second. Acknowledged writes survive a crash of the process
        /// but not of the machine.
        case interval
    }

    package let nodeID: NodeID
    package let bind: SocketAddress
    /// The address that other nodes connect to; nil if it is the bound address.
    package let advertise: SocketAddress?
    package let dataDirectory: String
    package let cluster: ClusterConfiguration
    package let operationTimeoutMilliseconds: UInt64
    package let maximumItemBytes: Int
    package let maximumConnections: Int
    package let descriptors: DescriptorBudget
    /// Whether the maximum number of client connections is the default, because `--max-connections` was not given.
    package let isDefaultMaximumConnections: Bool
    /// How long a client connection may be idle between two requests.
    package let idleTimeoutMilliseconds: UInt64
    package let blockCacheBytes: Int
    /// The disk space for hints, in bytes.
    package let hintBudgetBytes: Int
    package let sync: Sync
    package let logFormat: LogFormat
    package let logLevel: LogLevel
    package let accessLog: AccessLog
    /// Whether successful requests for health checks and the metrics page are logged like other requests.
    package let logsProbes: Bool
    package let slowMilliseconds: UInt64
    /// The most tables with their own metric series.
    package let metricsMaximumTables: Int
    package let shutdownTimeoutMilliseconds: UInt64
    package let tracing: TracingSettings
    /// One sentence for each tracing variable of the environment that was ignored.
    package let tracingWarnings: [String]

    /// Reads and checks all settings. The default log format is text if `terminalOutput` is true. `descriptorLimit`,
    /// the process's limit on open files, bounds the number of connections.
    package init(
        from sources: SettingSources, terminalOutput: Bool, descriptorLimit: Int
    ) throws(ConfigurationError) {
        nodeID = try sources.value(
            .nodeID, default: "node-1", allowed: "1 to 64 letters, digits, underscores, dots or dashes", Self.nodeID)
        bind = try sources.address(.bind, default: "127.0.0.1:8080")
        advertise = try Self.advertised(sources, bind: bind)
        dataDirectory = try sources.value(.dataDirectory, default: "./data", allowed: "the path of a directory") {
            $0.isEmpty ? nil : $0
        }
        cluster = try ClusterConfiguration(from: sources)
        operationTimeoutMilliseconds = try sources.milliseconds(.operationTimeout, default: 5_000, in: 1...600_000)
        maximumItemBytes = try Self.size(.maximumItemBytes, default: 1 << 20, in: 2...(32 << 20), sources)
        descriptors = try DescriptorBudget(limit: descriptorLimit)
        isDefaultMaximumConnections = !sources.isGiven(.maximumConnections)
        maximumConnections = try sources.integer(
            .maximumConnections, default: min(DescriptorBudget.standardConnections, descriptors.connections),
            in: 1...descriptors.connections)
        idleTimeoutMilliseconds = try sources.value(
            .idleTimeout, default: 60_000, allowed: "\(ParsedDuration.allowed) from 1s to 1d"
        ) { ParsedDuration($0).map(\.milliseconds).flatMap { (1_000...86_400_000).contains($0) ? $0 : nil } }
        blockCacheBytes = try Self.size(.blockCache, default: 64 << 20, in: (1 << 20)...(1 << 40), sources)
        hintBudgetBytes = try Self.size(.hintBudget, default: 1 << 30, in: 0...(1 << 40), sources)
        sync = try sources.value(.sync, default: .always, allowed: "always or interval") {
            ["always": .always, "interval": .interval][$0]
        }
        logFormat = try sources.value(
            .logFormat, default: terminalOutput ? .text : .json, allowed: "text or json"
        ) { try? LogFormat(parsing: $0) }
        logLevel = try sources.value(.logLevel, default: .info, allowed: "debug, info, warn or error") {
            try? LogLevel(parsing: $0)
        }
        accessLog = try sources.value(
            .accessLog, default: .all, allowed: "all, errors, off, or sampled:SHARE with a share from 0 to 1"
        ) { try? AccessLog(parsing: $0) }
        logsProbes = try sources.value(.accessLogProbes, default: true, allowed: "on or off") {
            ["on": true, "off": false][$0]
        }
        slowMilliseconds = UInt64(try sources.integer(.slow, default: 100, in: 0...600_000))
        metricsMaximumTables = try sources.integer(
            .metricsMaximumTables, default: ObservabilityLimits.tables, in: 0...ObservabilityLimits.maximumTables)
        shutdownTimeoutMilliseconds = try sources.duration(.shutdownTimeout, default: 10_000)
        (tracing, tracingWarnings) = TracingSettings.read(sources.environment)
    }
}


extension NodeConfiguration {
    private static func nodeID(_ text: String) -> NodeID? {
        (try? TableName(validating: Array(text.utf8))).flatMap { NodeID($0.description) }
    }

    private static func advertised(
        _ sources: SettingSources, bind: SocketAddress
    ) throws(ConfigurationError) -> SocketAddress? {
        if sources.isGiven(.advertise) {
            let given = try sources.address(.advertise, default: "")
            guard given.isDialable else {
                throw ConfigurationError(
                    "--advertise: \(given) is not an address that other nodes can connect to; "
                        + "give the numeric address of this machine and a port")
            }
            return given
        }
        guard !bind.isUnspecified else {
            throw ConfigurationError(
                "--bind: other nodes cannot connect to \(bind); "
                    + "give the address that they can connect to with --advertise HOST:PORT")
        }
        return nil
    }

    private static func size(
        _ setting: Setting, default standard: Int, in range: ClosedRange<Int>, _ sources: SettingSources
    ) throws(ConfigurationError) -> Int {
        let allowed = "\(ByteSize.allowed) from \(range.lowerBound) to \(range.upperBound) bytes"
        return try sources.value(setting, default: standard, allowed: allowed) { text in
            ByteSize(text).flatMap { range.contains($0.bytes) ? $0.bytes : nil }
        }
    }
}
