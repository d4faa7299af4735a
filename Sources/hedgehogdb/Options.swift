internal import ArgumentParser
internal import HedgehogNode

// Every command-line option is declared as text. `NodeConfiguration` parses and checks all settings in one place,
// whether they come from an option, the environment or the configuration file.

struct NodeOptions: ParsableArguments {
    @Option(help: "Unique name of this node in its cluster (node-1).") var nodeId: String?
    @Option(help: "Address to listen on (127.0.0.1:8080).") var bind: String?
    @Option(help: "Address that other nodes connect to (the bound address).") var advertise: String?
    @Option(help: "Data directory of this node (./data).") var dataDir: String?
    @Option(help: "How long a shutdown waits for running requests (10s).")
    var shutdownTimeout: String?

    var settings: [Setting: String] {
        compact([
            .nodeID: nodeId, .bind: bind, .advertise: advertise, .dataDirectory: dataDir,
            .shutdownTimeout: shutdownTimeout,
        ])
    }
}

struct ClusterOptions: ParsableArguments {
    @Option(help: "Seed nodes: numeric addresses of other members, comma-separated; one reachable seed is enough.")
    var seedNodes: String?
    @Option(help: "Number of members in the cluster, fixed at bootstrap; 2 or more if seed nodes are given (1).")
    var bootstrapExpect: String?
    @Option(name: .customLong("replication-n"), help: "Replicas of each item (N); at most the number of members (3).")
    var replicas: String?
    @Option(help: "Replicas that must answer a strong read (R; a majority of N).") var readQuorum: String?
    @Option(help: "Replicas that must acknowledge a strong write (W; a majority of N).") var writeQuorum: String?
    @Option(help: "Number of partitions, fixed at bootstrap (256).") var partitions: String?
    @Option(help: "How long a hint for an unreachable member is kept (3h).") var hintWindow: String?
    @Option(help: "Disk space for hints; above it, no hint is stored and anti-entropy repairs the replica (1GiB).")
    var hintBudget: String?
    @Option(help: "Interval between anti-entropy sessions with another member (10000).")
    var antiEntropyIntervalMs: String?
    @Option(help: "Minimum age of a tombstone before it is purged; at least twice the hint window (24h).")
    var gcGrace: String?
    @Option(help: "How far ahead of the local clock a timestamp may be and still advance it (500).")
    var maxClockSkewMs: String?
    @Option(help: "Timeout of one request to a replica (2000).") var replicaTimeoutMs: String?
    @Option(help: "Interval between heartbeats to the other members (1000).") var heartbeatIntervalMs: String?
    @Option(help: "Time without a heartbeat until a member is suspect; it is dead after twice as long (5000).")
    var failureTimeoutMs: String?
    @Option(
        help: """
            File whose first line is the secret that all members share; without it, anyone who reaches the port can \
            send messages as a member.
            """)
    var clusterSecretFile: String?

    var settings: [Setting: String] {
        compact([
            .seedNodes: seedNodes, .bootstrapExpect: bootstrapExpect, .replicas: replicas,
            .readQuorum: readQuorum, .writeQuorum: writeQuorum, .partitions: partitions, .hintWindow: hintWindow,
            .hintBudget: hintBudget, .antiEntropyInterval: antiEntropyIntervalMs, .gcGrace: gcGrace,
            .maximumClockSkew: maxClockSkewMs, .replicaTimeout: replicaTimeoutMs,
            .heartbeatInterval: heartbeatIntervalMs, .failureTimeout: failureTimeoutMs,
            .clusterSecretFile: clusterSecretFile,
        ])
    }
}

struct LimitOptions: ParsableArguments {
    @Option(help: "Timeout of a client's operation, which then fails with 503 (5000).") var operationTimeoutMs: String?
    @Option(help: "Maximum size of an item (1MiB).") var maxItemBytes: String?
    @Option(help: "Maximum number of open connections (10000, or what the limit on open files allows).")
    var maxConnections: String?
    @Option(help: "How long a connection may be idle between two requests, from 1s to 1d (60s).")
    var idleTimeout: String?
    @Option(help: "Size of the RocksDB block cache (64MiB).") var blockCache: String?
    @Option(
        help: """
            always: a write is synced to the disk before it is acknowledged. interval: the disk is synced once per \
            second; a crash of the process loses no acknowledged write, a crash of the machine loses those since the \
            last sync (always).
            """)
    var sync: String?

    var settings: [Setting: String] {
        compact([
            .operationTimeout: operationTimeoutMs, .maximumItemBytes: maxItemBytes,
            .maximumConnections: maxConnections, .idleTimeout: idleTimeout, .blockCache: blockCache, .sync: sync,
        ])
    }
}

struct LogOptions: ParsableArguments {
    @Option(help: "Log format: text or json (text on a terminal, else json).") var logFormat: String?
    @Option(help: "Minimum level of logged events: debug, info, warn or error (info).") var logLevel: String?
    @Option(help: "Which requests are logged: all, errors, off or sampled:SHARE, such as sampled:0.01 (all).")
    var accessLog: String?
    @Option(help: "Whether successful probes and scrapes (/readyz, /metrics, ...) are logged: on or off (on).")
    var accessLogProbes: String?
    @Option(help: "Duration in milliseconds above which a request is logged as slow; 0 turns this off (100).")
    var slowMs: String?
    @Option(help: "Tables with their own metrics, at most 1000; further tables share the label __other__ (100).")
    var metricsMaxTables: String?

    var settings: [Setting: String] {
        compact([
            .logFormat: logFormat, .logLevel: logLevel, .accessLog: accessLog,
            .accessLogProbes: accessLogProbes, .slow: slowMs,
            .metricsMaximumTables: metricsMaxTables,
        ])
    }
}

private func compact(_ settings: [Setting: String?]) -> [Setting: String] {
    settings.compactMapValues { $0 }
}
