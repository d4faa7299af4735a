internal import Reactor

/// All settings of a node. The raw value is the name of the command-line flag and of the key in the configuration file;
/// `environmentName` is the name of the environment variable.
package enum Setting: String, CaseIterable, Sendable {
    case nodeID = "node-id"
    case bind
    case advertise
    case dataDirectory = "data-dir"
    case seedNodes = "seed-nodes"
    case bootstrapExpect = "bootstrap-expect"
    case replicas = "replication-n"
    case readQuorum = "read-quorum"
    case writeQuorum = "write-quorum"
    case partitions
    case operationTimeout = "operation-timeout-ms"
    case replicaTimeout = "replica-timeout-ms"
    case heartbeatInterval = "heartbeat-interval-ms"
    case failureTimeout = "failure-timeout-ms"
    case antiEntropyInterval = "anti-entropy-interval-ms"
    case hintBudget = "hint-budget"
    case hintWindow = "hint-window"
    case gcGrace = "gc-grace"
    case maximumClockSkew = "max-clock-skew-ms"
    case clusterSecretFile = "cluster-secret-file"
    case maximumItemBytes = "max-item-bytes"
    case maximumConnections = "max-connections"
    case idleTimeout = "idle-timeout"
    case blockCache = "block-cache"
    case sync
    case logFormat = "log-format"
    case logLevel = "log-level"
    case accessLog = "access-log"
    case accessLogProbes = "access-log-probes"
    case slow = "slow-ms"
    case metricsMaximumTables = "metrics-max-tables"
    case shutdownTimeout = "shutdown-timeout"

    package var environmentName: String {
        "HEDGEHOG_" + rawValue.uppercased().map { $0 == "-" ? "_" : $0 }
    }
}

/// An invalid setting: one sentence with its name, the given value and what is allowed.
package struct ConfigurationError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// The sources of settings. A flag takes precedence over the environment, and the environment over the file.
package struct SettingSources {
    private let flags: [Setting: String]
    /// All environment variables of the process. They include those of OpenTelemetry, which are not in `Setting` and
    /// are read by OpenTelemetry's rules.
    let environment: [String: String]
    private let file: [String: String]

    /// Throws if `file` or `environment` has a name that looks like a setting and is none, so that no misspelled name
    /// is ignored.
    package init(
        flags: [Setting: String], environment: [String: String], file: [String: String]
    ) throws(ConfigurationError) {
        for name in file.keys.sorted() where Setting(rawValue: name) == nil {
            throw ConfigurationError(
                "configuration file: \"\(name)\" is not a setting; \(SettingName.advice(for: name, among: .file))")
        }
        for name in environment.keys.sorted() where SettingName.isUnknownVariable(name, environment[name] ?? "") {
            throw ConfigurationError(
                "\(name) is not a setting; \(SettingName.advice(for: name, among: .environment)), or unset it")
        }
        self.flags = flags
        self.environment = environment
        self.file = file
    }

    func text(_ setting: Setting) -> (value: String, origin: String)? {
        if let value = flags[setting] { return (value, "--\(setting.rawValue)") }
        if let value = environment[setting.environmentName], !value.isEmpty {
            return (value, setting.environmentName)
        }
        return file[setting.rawValue].map { ($0, "\(setting.rawValue) in the configuration file") }
    }

    func isGiven(_ setting: Setting) -> Bool {
        text(setting) != nil
    }

    /// Returns the setting's text parsed by `parse`, or `standard` if the setting is not given. Throws if `parse`
    /// returns nil; `allowed` then describes the valid values.
    func value<Value>(
        _ setting: Setting, default standard: Value, allowed: String, _ parse: (String) -> Value?
    ) throws(ConfigurationError) -> Value {
        guard let (text, origin) = text(setting) else { return standard }
        // Swift replaces bytes that are not UTF-8 by this character. Such a value is refused, because it is not what
        // was given: the changed path of a data directory, for example, names another directory.
        guard !text.unicodeScalars.contains("\u{FFFD}") else {
            throw ConfigurationError("\(origin): the value is not valid UTF-8")
        }
        guard let value = parse(text) else {
            throw ConfigurationError("\(origin): \"\(text)\" was given; \(allowed) is allowed")
        }
        return value
    }

    func integer(
        _ setting: Setting, default standard: Int, in range: ClosedRange<Int>
    ) throws(ConfigurationError) -> Int {
        let allowed = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return try value(setting, default: standard, allowed: allowed) { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    func optionalInteger(_ setting: Setting, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int? {
        isGiven(setting) ? try integer(setting, default: range.lowerBound, in: range) : nil
    }

    func milliseconds(
        _ setting: Setting, default standard: Int, in range: ClosedRange<Int>
    ) throws(ConfigurationError) -> UInt64 {
        UInt64(try integer(setting, default: standard, in: range))
    }

    func duration(_ setting: Setting, default standard: UInt64) throws(ConfigurationError) -> UInt64 {
        try value(setting, default: standard, allowed: ParsedDuration.allowed) { ParsedDuration($0)?.milliseconds }
    }

    func address(_ setting: Setting, default standard: String) throws(ConfigurationError) -> SocketAddress {
        let (text, origin) = text(setting) ?? (standard, "the default of --\(setting.rawValue)")
        do {
            return try SocketAddress(text)
        } catch {
            throw ConfigurationError("\(origin): \(error)")
        }
    }
}
