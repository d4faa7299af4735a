package import Cluster
package import Reactor

/// The validated cluster settings of one node. They are checked against each other here, and against the cluster record
/// once that is known.
package struct ClusterConfiguration: Sendable {
    /// The addresses at which this node looks for the other members; may include its own.
    package let seeds: [SocketAddress]
    package let bootstrapExpect: Int
    package let replicas: Int
    package let readQuorum: Int?
    package let writeQuorum: Int?
    /// N, R and W of the cluster that a bootstrap with these settings creates, with `bootstrapExpect` members.
    package let quorums: Quorums
    package let partitions: Int
    package let hintWindowMilliseconds: UInt64
    package let gcGraceMilliseconds: UInt64
    package let replicaTimeoutMilliseconds: UInt64
    package let heartbeatIntervalMilliseconds: UInt64
    /// The time without a heartbeat, in milliseconds, after which a member is suspect; after twice this time it is
    /// dead.
    package let failureTimeoutMilliseconds: UInt64
    package let maximumClockSkewMilliseconds: UInt64
    package let antiEntropyIntervalMilliseconds: UInt64
    package let secret: ClusterSecret?
    /// The settings that this configuration gives explicitly and that bootstrap stores in the cluster record, such as
    /// N, R and W. A later start of the node compares them with the record.
    package let fixedSettingsGiven: Set<Setting>

    static let maximumMembers = 99

    init(from sources: SettingSources) throws(ConfigurationError) {
        bootstrapExpect = try sources.integer(.bootstrapExpect, default: 1, in: 1...Self.maximumMembers)
        seeds = try Self.seeds(sources, expected: bootstrapExpect)
        replicas = try sources.integer(.replicas, default: 3, in: 1...Self.maximumMembers)
        readQuorum = try sources.optionalInteger(.readQuorum, in: 1...Self.maximumMembers)
        writeQuorum = try sources.optionalInteger(.writeQuorum, in: 1...Self.maximumMembers)
        quorums = try Self.quorums(
            replicas: replicas, members: bootstrapExpect, read: readQuorum, write: writeQuorum)
        partitions = try sources.integer(.partitions, default: 256, in: 1...4096)
        hintWindowMilliseconds = try sources.duration(.hintWindow, default: 10_800_000)
        gcGraceMilliseconds = try sources.duration(.gcGrace, default: 86_400_000)
        replicaTimeoutMilliseconds = try sources.milliseconds(.replicaTimeout, default: 2_000, in: 1...600_000)
        heartbeatIntervalMilliseconds = try sources.milliseconds(
            .heartbeatInterval, default: 1_000, in: 10...600_000)
        failureTimeoutMilliseconds = try sources.milliseconds(.failureTimeout, default: 5_000, in: 20...3_600_000)
        maximumClockSkewMilliseconds = try sources.milliseconds(.maximumClockSkew, default: 500, in: 1...3_600_000)
        antiEntropyIntervalMilliseconds = try sources.milliseconds(
            .antiEntropyInterval, default: 10_000, in: 100...3_600_000)
        secret = try sources.text(.clusterSecretFile).map { given throws(ConfigurationError) in
            try ClusterSecret(path: given.value, origin: given.origin)
        }
        let fixed: [Setting] = [
            .bootstrapExpect, .replicas, .readQuorum, .writeQuorum, .partitions, .hintWindow, .gcGrace,
        ]
        fixedSettingsGiven = Set(fixed.filter(sources.isGiven))
        try checkConsistency()
    }

    /// Addresses must be numeric, because connections to peers do not use a name resolver.
    private static func seeds(
        _ sources: SettingSources, expected: Int
    ) throws(ConfigurationError) -> [SocketAddress] {
        guard let (text, origin) = sources.text(.seedNodes) else { return [] }
        guard expected > 1 else {
            throw ConfigurationError(
                "\(origin): \"\(text)\" was given without --bootstrap-expect; set it to the number of members of the "
                    + "cluster, 2 to \(maximumMembers), or remove the seed nodes")
        }
        var seeds: [SocketAddress] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let part = part.trimmingBlanks
            guard let seed = try? SocketAddress(part), seed.isDialable else {
                throw ConfigurationError(
                    "\(origin): \"\(part)\" was given; numeric addresses with a port, such as 127.0.0.1:8081, "
                        + "separated by commas, are allowed")
            }
            seeds.append(seed)
        }
        return seeds
    }
}

extension ClusterConfiguration {
    private static func quorums(
        replicas: Int, members: Int, read: Int?, write: Int?
    ) throws(ConfigurationError) -> Quorums {
        do {
            return try Quorums(replicas: replicas, members: members, read: read, write: write)
        } catch {
            throw ConfigurationError(
                error.explanation + " (--replication-n is \(replicas), --bootstrap-expect \(members))")
        }
    }

    private func checkConsistency() throws(ConfigurationError) {
        guard failureTimeoutMilliseconds >= 2 * heartbeatIntervalMilliseconds else {
            throw ConfigurationError(
                "--failure-timeout-ms is \(failureTimeoutMilliseconds); set it to at least twice "
                    + "--heartbeat-interval-ms (\(heartbeatIntervalMilliseconds)), or one lost heartbeat makes a "
                    + "member suspect")
        }
        // A tombstone must outlive all hints that are older than it. [A tombstone is purged, then an older hint with a
        // put of the same key is delivered: the item is back.]
        guard gcGraceMilliseconds >= 2 * hintWindowMilliseconds else {
            throw ConfigurationError(
                "--gc-grace is \(gcGraceMilliseconds) ms; set it to at least twice --hint-window "
                    + "(\(hintWindowMilliseconds) ms), or a late hint can bring a deleted item back")
        }
    }
}

extension Quorums.Invalid {
    var explanation: String {
        switch self {
        case .readBeyondReplicas(let given, let replicas):
            "--read-quorum \(given) was given; 1 to the number of replicas, \(replicas), is allowed"
        case .writeBeyondReplicas(let given, let replicas):
            "--write-quorum \(given) was given; 1 to the number of replicas, \(replicas), is allowed"
        case .readMissesWrite(let read, let write, let replicas):
            "--read-quorum \(read) with --write-quorum \(write) was given; their sum must exceed the number of "
                + "replicas, \(replicas), or a strong read could miss the latest write"
        case .writesMissEachOther(let write, let replicas):
            "--write-quorum \(write) was given; more than half of the replicas, \(replicas), is allowed"
        }
    }
}

extension SocketAddress {
    var isDialable: Bool { !isUnspecified && port > 0 }
}

extension Substring {
    fileprivate var trimmingBlanks: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
