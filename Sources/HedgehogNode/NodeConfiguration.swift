package import Cluster
package import Observability
package import Reactor

/// What one node is told at its start, checked.
package struct NodeConfiguration: Sendable {
    package enum Sync: Equatable, Sendable {
        /// Every acknowledged write is on the disk.
        case always
        /// The disk is told once a second: a write survives the death of the process, not that of the machine.
        case interval
    }

    package let nodeID: String
    package let bind: SocketAddress
    /// Nil: the address that was bound.
    package let advertise: SocketAddress?
    package let dataDirectory: String
    package let quorums: Quorums
    package let partitions: Int
    /// Which of the settings that a cluster record fixes were given and not left at their defaults.
    package let fixedSettingsGiven: Set<Setting>
    package let operationTimeoutMilliseconds: UInt64
    package let hintWindowMilliseconds: UInt64
    package let gcGraceMilliseconds: UInt64
    package let maximumClockSkewMilliseconds: UInt64
    package let maximumItemBytes: Int
    package let maximumConnections: Int
    package let blockCacheBytes: Int
    package let sync: Sync
    package let logFormat: LogFormat
    package let logLevel: LogLevel
    package let accessLog: AccessLog
    package let slowMilliseconds: UInt64
    package let shutdownTimeoutMilliseconds: UInt64

    /// `terminalOutput` decides the default log format; `descriptorLimit` bounds the connections.
    package init(
        from sources: SettingSources, terminalOutput: Bool, descriptorLimit: Int
    ) throws(ConfigurationError) {
        nodeID = try sources.value(
            .nodeID, default: "node-1", allowed: "1 to 64 of letters, digits, underscore, dot and dash", Self.nodeID)
        bind = try Self.address(sources.text(.bind) ?? ("127.0.0.1:8080", "the default of --bind"))
        advertise = try Self.advertised(sources, bind: bind)
        dataDirectory = try sources.value(.dataDirectory, default: "./data", allowed: "a folder's path") {
            $0.isEmpty ? nil : $0
        }
        try Self.requireLoneNode(sources)
        quorums = try Self.quorums(sources)
        partitions = try sources.integer(.partitions, default: 256, in: 1...4096)
        hintWindowMilliseconds = try Self.duration(.hintWindow, default: 10_800_000, sources)
        gcGraceMilliseconds = try Self.duration(.gcGrace, default: 86_400_000, sources)
        let fixed: [Setting] = [.readQuorum, .writeQuorum, .partitions, .hintWindow, .gcGrace]
        fixedSettingsGiven = Set(fixed.filter(sources.isGiven))
        operationTimeoutMilliseconds = UInt64(
            try sources.integer(.operationTimeout, default: 5000, in: 1...600_000))
        maximumClockSkewMilliseconds = UInt64(
            try sources.integer(.maximumClockSkew, default: 500, in: 1...3_600_000))
        maximumItemBytes = try Self.size(.maximumItemBytes, default: 1 << 20, in: 2...(64 << 20), sources)
        let spareDescriptors = max(16, descriptorLimit - Self.reservedDescriptors)
        maximumConnections = try sources.integer(
            .maximumConnections, default: min(10_000, spareDescriptors), in: 1...spareDescriptors)
        blockCacheBytes = try Self.size(.blockCache, default: 64 << 20, in: (1 << 20)...(1 << 40), sources)
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
        slowMilliseconds = UInt64(try sources.integer(.slow, default: 100, in: 0...600_000))
        shutdownTimeoutMilliseconds = try Self.duration(.shutdownTimeout, default: 10_000, sources)
        try refuseShortGrace()
    }

    /// Descriptors that the store's files, the log and the loop need beside the connections.
    private static let reservedDescriptors = 640

    /// [A hint that outlives the memory of a delete brings the item back.]
    private func refuseShortGrace() throws(ConfigurationError) {
        guard gcGraceMilliseconds >= 2 * hintWindowMilliseconds else {
            throw ConfigurationError(
                "--gc-grace is \(gcGraceMilliseconds) ms; at least twice --hint-window (\(hintWindowMilliseconds) ms) "
                    + "is allowed, or deleted items could come back")
        }
    }
}

// How each setting is read.
extension NodeConfiguration {
    private static func nodeID(_ text: String) -> String? {
        let isValid = text.utf8.count <= 64 && (try? TableName(validating: Array(text.utf8))) != nil
        return isValid ? text : nil
    }

    private static func address(
        _ given: (value: String, origin: String)
    ) throws(ConfigurationError) -> SocketAddress {
        do {
            return try SocketAddress(given.value)
        } catch {
            throw ConfigurationError("\(given.origin): \(error)")
        }
    }

    private static func advertised(
        _ sources: SettingSources, bind: SocketAddress
    ) throws(ConfigurationError) -> SocketAddress? {
        if let given = sources.text(.advertise) { return try address(given) }
        guard !bind.isUnspecified else {
            throw ConfigurationError(
                "--bind \(bind) names no address that others could dial; say which with --advertise HOST:PORT")
        }
        return nil
    }

    /// Clusters of several nodes are not built yet, and a lone node is a cluster of one for good: to accept these
    /// settings and ignore them would promise copies that are never made.
    private static func requireLoneNode(_ sources: SettingSources) throws(ConfigurationError) {
        if let (text, origin) = sources.text(.seedNodes) {
            throw ConfigurationError(
                "\(origin): \"\(text)\" was given, but this version runs single nodes only; leave it out")
        }
        _ = try sources.value(
            .bootstrapExpect, default: 1, allowed: "only 1, as this version runs single nodes only,"
        ) { $0 == "1" ? 1 : nil }
    }

    private static func quorums(_ sources: SettingSources) throws(ConfigurationError) -> Quorums {
        let replicas = try sources.integer(.replicas, default: 3, in: 1...99)
        let read = try sources.optionalInteger(.readQuorum, in: 1...99)
        let write = try sources.optionalInteger(.writeQuorum, in: 1...99)
        do {
            return try Quorums(replicas: replicas, members: 1, read: read, write: write)
        } catch {
            throw ConfigurationError(error.explanation)
        }
    }

    private static func duration(
        _ setting: Setting, default standard: UInt64, _ sources: SettingSources
    ) throws(ConfigurationError) -> UInt64 {
        try sources.value(setting, default: standard, allowed: Duration.allowed) { Duration($0)?.milliseconds }
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

extension Quorums.Invalid {
    var explanation: String {
        switch self {
        case .readBeyondReplicas(let given, let replicas):
            "--read-quorum \(given) was given; 1 to \(replicas) is allowed, as many as there are replicas"
        case .writeBeyondReplicas(let given, let replicas):
            "--write-quorum \(given) was given; 1 to \(replicas) is allowed, as many as there are replicas"
        case .readMissesWrite(let read, let write, let replicas):
            "--read-quorum \(read) with --write-quorum \(write) was given; together they must exceed the "
                + "\(replicas) replicas, or a strong read could miss the last write"
        case .writesMissEachOther(let write, let replicas):
            "--write-quorum \(write) was given; more than half of the \(replicas) replicas is allowed"
        }
    }
}
