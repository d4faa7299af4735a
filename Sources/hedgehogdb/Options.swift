internal import ArgumentParser
internal import HedgehogNode

// Every option is text here: NodeConfiguration reads all of them, wherever they come from, and says what it allows.

struct NodeOptions: ParsableArguments {
    @Option(help: "This node's name in its cluster (node-1).") var nodeId: String?
    @Option(help: "Address to serve on (127.0.0.1:8080).") var bind: String?
    @Option(help: "Address that others dial (the bound one).") var advertise: String?
    @Option(help: "Folder for everything this node keeps (./data).") var dataDir: String?
    @Option(help: "Finish running requests for at most this long when told to stop (10s).")
    var shutdownTimeout: String?

    var settings: [Setting: String] {
        compact([
            .nodeID: nodeId, .bind: bind, .advertise: advertise, .dataDirectory: dataDir,
            .shutdownTimeout: shutdownTimeout,
        ])
    }
}

struct ClusterOptions: ParsableArguments {
    @Option(help: "Addresses of other members, comma-separated, numeric; any of them leads to all.")
    var seedNodes: String?
    @Option(help: "How many nodes form the cluster, once and for good; with seeds, 2 or more (1).")
    var bootstrapExpect: String?
    @Option(name: .customLong("replication-n"), help: "Replicas of each item; at most as many as members (3).")
    var replicas: String?
    @Option(help: "Replicas a strong read needs (a majority).") var readQuorum: String?
    @Option(help: "Replicas a strong write needs (a majority).") var writeQuorum: String?
    @Option(help: "Partitions of each table, fixed when the cluster is formed (256).") var partitions: String?
    @Option(help: "How long hints are kept for a member that is away (3h).") var hintWindow: String?
    @Option(help: "Disk for hints; what a member misses beyond it, anti-entropy brings it (1GiB).")
    var hintBudget: String?
    @Option(help: "Compare what is held with another member's this often (10000).") var antiEntropyIntervalMs: String?
    @Option(help: "How long deletes are remembered at least, and at least twice the hint window (24h).")
    var gcGrace: String?
    @Option(help: "How far ahead of our clock another may be and still move it (500).") var maxClockSkewMs: String?
    @Option(help: "How long one replica is waited for (2000).") var replicaTimeoutMs: String?
    @Option(help: "How often members tell each other that they live (1000).") var heartbeatIntervalMs: String?
    @Option(help: "A member not heard from for so long is suspect, and dead after twice that (5000).")
    var failureTimeoutMs: String?
    @Option(help: "A file whose first line is what all members show each other; without it anyone can speak for one.")
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
    @Option(help: "Answer 503 when an operation takes longer (5000).") var operationTimeoutMs: String?
    @Option(help: "Largest item (1MiB).") var maxItemBytes: String?
    @Option(help: "Connections open at once (10000, or what the limit on open files allows).")
    var maxConnections: String?
    @Option(help: "Memory for blocks read from disk (64MiB).") var blockCache: String?
    @Option(
        help: """
            always: a write is on the disk before it is acknowledged. interval: the disk is told once a second, so \
            acknowledged writes survive the death of the process but not that of the machine (always).
            """)
    var sync: String?

    var settings: [Setting: String] {
        compact([
            .operationTimeout: operationTimeoutMs, .maximumItemBytes: maxItemBytes,
            .maximumConnections: maxConnections, .blockCache: blockCache, .sync: sync,
        ])
    }
}

struct LogOptions: ParsableArguments {
    @Option(help: "text or json (text on a terminal, else json).") var logFormat: String?
    @Option(help: "debug, info, warn or error (info).") var logLevel: String?
    @Option(help: "all, errors, off or sampled:0.01 (all).") var accessLog: String?
    @Option(help: "Log a request as slow from this many milliseconds on; 0 for never (100).") var slowMs: String?
    @Option(help: "Tables with metrics of their own, up to 1000; further ones share the name __other__ (100).")
    var metricsMaxTables: String?

    var settings: [Setting: String] {
        compact([
            .logFormat: logFormat, .logLevel: logLevel, .accessLog: accessLog, .slow: slowMs,
            .metricsMaximumTables: metricsMaxTables,
        ])
    }
}

private func compact(_ settings: [Setting: String?]) -> [Setting: String] {
    settings.compactMapValues { $0 }
}
