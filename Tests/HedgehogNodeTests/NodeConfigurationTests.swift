import Foundation
import Testing

@testable import HedgehogNode
import Storage

@Suite struct NodeConfigurationTests {
    private func configuration(
        _ flags: [Setting: String] = [:], environment: [String: String] = [:], file: [String: String] = [:]
    ) throws -> NodeConfiguration {
        try NodeConfiguration(
            from: SettingSources(flags: flags, environment: environment, file: file), terminalOutput: false,
            descriptorLimit: 4096)
    }

    @Test("Without settings a node is a single node called node-1 on 127.0.0.1:8080")
    func standard() throws {
        let configuration = try configuration()
        #expect(configuration.nodeID == "node-1")
        #expect(configuration.bind.description == "127.0.0.1:8080")
        #expect(configuration.cluster.bootstrapExpect == 1 && configuration.cluster.seeds.isEmpty)
        #expect(configuration.cluster.partitions == 256)
        #expect(configuration.cluster.failureTimeoutMilliseconds == 5_000)
        #expect(configuration.cluster.antiEntropyIntervalMilliseconds == 10_000)
        #expect(configuration.hintBudgetBytes == 1 << 30)
        #expect(configuration.maximumItemBytes == 1 << 20)
        #expect(configuration.logFormat == .json)
        #expect(configuration.maximumConnections == 4096 - 640)
    }

    @Test("A flag takes precedence over the environment, and the environment over the file")
    func precedence() throws {
        let environment = ["HEDGEHOG_NODE_ID": "from-environment", "HEDGEHOG_PARTITIONS": "64"]
        let file = ["node-id": "from-file", "partitions": "32", "block-cache": "8MiB"]
        let configuration = try configuration([.nodeID: "from-flag"], environment: environment, file: file)
        #expect(configuration.nodeID == "from-flag")
        #expect(configuration.cluster.partitions == 64)
        #expect(configuration.blockCacheBytes == 8 << 20)
    }

    @Test("Hint budget and anti-entropy interval can be set by flag, environment and file", arguments: [0, 1, 2])
    func repairSettings(way: Int) throws {
        let pairs: [(Setting, String)] = [(.hintBudget, "64MiB"), (.antiEntropyInterval, "100")]
        let flags = Dictionary(uniqueKeysWithValues: pairs)
        let environment = ["HEDGEHOG_HINT_BUDGET": "64MiB", "HEDGEHOG_ANTI_ENTROPY_INTERVAL_MS": "100"]
        let file = ["hint-budget": "64MiB", "anti-entropy-interval-ms": "100"]
        let configuration = try configuration(
            way == 0 ? flags : [:], environment: way == 1 ? environment : [:], file: way == 2 ? file : [:])
        #expect(configuration.hintBudgetBytes == 64 << 20)
        #expect(StoreOptions(configuration, partitions: 256).hintBudgetBytes == 64 << 20)
        #expect(configuration.cluster.antiEntropyIntervalMilliseconds == 100)
    }

    @Test("A variable that begins with HEDGEHOG_ and is no setting is refused with the nearest name", arguments: [
        ("HEDGEHOG_NODE_IDD", "did you mean HEDGEHOG_NODE_ID?"),
        ("HEDGEHOG_DATADIR", "did you mean HEDGEHOG_DATA_DIR?"),
        ("hedgehog_bind", "did you mean HEDGEHOG_BIND?"), ("HEDGEHOG_TRACE_KEY", "did you mean HEDGEHOG_TRACE_KEYS?"),
        ("HEDGEHOG_COMPLETELY_DIFFERENT", "see hedgehogdb --help"), ("HEDGEHOG_PORTS", "is not a setting"),
    ])
    func misspelledVariable(name: String, advice: String) {
        let error = #expect(throws: ConfigurationError.self) { try configuration(environment: [name: "x"]) }
        #expect(error?.description.contains(name) == true && error?.description.contains(advice) == true)
    }

    @Test("Variables of hedgehogctl, of tracing, of Kubernetes and empty ones are no misspelled settings", arguments: [
        ("HEDGEHOG_URL", "http://127.0.0.1:8080"), ("HEDGEHOG_SPAN_NAMES", "seed"), ("HEDGEHOG_UNKNOWN", ""),
        ("HEDGEHOG_SERVICE_HOST", "10.0.0.1"), ("HEDGEHOG_NODE_SERVICE_PORT_HTTP", "8080"),
        ("HEDGEHOG_PORT", "tcp://10.0.0.1:8080"), ("HEDGEHOG_NODE_PORT_8080_TCP_ADDR", "10.0.0.1"),
        ("HEDGEHOGS", "many"), ("PATH", "/bin"),
    ])
    func otherVariable(name: String, value: String) throws {
        _ = try configuration(environment: [name: value])
    }

    @Test("A value that is not UTF-8, and a misspelled name in the file, are refused")
    func invalidText() {
        #expect(throws: ConfigurationError.self) { try configuration([.dataDirectory: "/data/\u{FFFD}"]) }
        let error = #expect(throws: ConfigurationError.self) { try configuration(file: ["node_id": "a"]) }
        #expect(error?.description.contains("did you mean node-id?") == true)
    }

    @Test("The limit on open files bounds connections and table files; too low a limit is refused or warned of")
    func descriptors() throws {
        #expect(throws: ConfigurationError.self) { try DescriptorBudget(limit: 127) }
        let small = try DescriptorBudget(limit: 256)
        #expect(small.storeFiles == 128 && small.connections == 16)
        let usual = try DescriptorBudget(limit: 1024)
        #expect(usual.storeFiles == 512 && usual.connections == 384)
        func warning(_ limit: Int, _ connections: Int, isDefault: Bool) -> String? {
            DescriptorBudget.warning(limit: limit, maximumConnections: connections, isDefault: isDefault)
        }
        #expect(warning(1024, 384, isDefault: true)?.contains("ulimit -n 10640") == true)
        #expect(warning(1024, 384, isDefault: false) == nil)
        #expect(warning(10_640, 10_000, isDefault: true) == nil)
        #expect(warning(800, 384, isDefault: false)?.contains("ulimit -n 1024") == true)
    }

    @Test("An invalid value is refused with the setting, the value and what is allowed", arguments: [
        (.nodeID, "a/b", ["--node-id", "a/b", "letters"]),
        (.partitions, "0", ["--partitions", "\"0\"", "1 to 4096"]),
        (.partitions, "many", ["--partitions", "many"]),
        (.bind, "localhost", ["--bind", "localhost"]),
        (.maximumItemBytes, "1.5MiB", ["--max-item-bytes", "1.5MiB", "64KiB"]),
        (.hintWindow, "3 hours", ["--hint-window", "3 hours", "3h"]),
        (.hintBudget, "much", ["--hint-budget", "much", "64MiB"]),
        (.hintBudget, "2048GiB", ["--hint-budget", "2048GiB", "0 to 1099511627776 bytes"]),
        (.antiEntropyInterval, "99", ["--anti-entropy-interval-ms", "\"99\"", "100 to 3600000"]),
        (.antiEntropyInterval, "10s", ["--anti-entropy-interval-ms", "10s"]),
        (.sync, "never", ["--sync", "never", "always or interval"]),
        (.accessLog, "sampled:2", ["--access-log", "sampled:2"]),
        (.logLevel, "loud", ["--log-level", "loud"]),
        (.readQuorum, "2", ["--read-quorum 2", "number of replicas, 1"]),
        (.bootstrapExpect, "0", ["--bootstrap-expect", "\"0\"", "1 to 99"]),
        (.seedNodes, "127.0.0.1:8082", ["--seed-nodes", "127.0.0.1:8082", "--bootstrap-expect"]),
        (.heartbeatInterval, "3000", ["--failure-timeout-ms is 5000", "--heartbeat-interval-ms", "3000"]),
        (.replicaTimeout, "0", ["--replica-timeout-ms", "\"0\"", "1 to 600000"]),
        (.advertise, "0.0.0.0:8080", ["--advertise", "0.0.0.0:8080"]),
        (.advertise, "10.0.0.1:0", ["--advertise", "10.0.0.1:0"]),
        (.clusterSecretFile, "/nonexistent/secret", ["--cluster-secret-file", "/nonexistent/secret", "read"]),
        (.gcGrace, "1h", ["--gc-grace", "--hint-window"]),
        (.bind, "0.0.0.0:8080", ["--advertise"]),
        (.maximumConnections, "1000000", ["--max-connections"]),
        (.idleTimeout, "999ms", ["--idle-timeout", "\"999ms\"", "1s to 1d"]),
        (.idleTimeout, "2d", ["--idle-timeout", "2d"]),
        (.idleTimeout, "60", ["--idle-timeout", "\"60\"", "1s to 1d"]),
        (.accessLogProbes, "no", ["--access-log-probes", "\"no\"", "on or off"]),
    ] as [(Setting, String, [String])])
    func refusals(setting: Setting, value: String, mentions: [String]) {
        do {
            _ = try configuration([setting: value])
            Issue.record("accepted")
        } catch {
            for mention in mentions { #expect("\(error)".contains(mention), "\(error)") }
        }
    }

    @Test("Seeds are numeric addresses with ports; blanks around them are ignored")
    func seeds() throws {
        let configuration = try configuration([
            .bootstrapExpect: "3", .seedNodes: "127.0.0.1:8081, [::1]:8082,localhost:8083",
        ])
        #expect(configuration.cluster.seeds.map(\.description) == ["127.0.0.1:8081", "[::1]:8082", "127.0.0.1:8083"])
    }

    @Test("Other texts are not seeds", arguments: [
        "", "127.0.0.1", "db-2:8081", "127.0.0.1:0", "0.0.0.0:8081", "127.0.0.1:8081,", "127.0.0.1:8081;127.0.0.1:8082",
    ])
    func badSeeds(text: String) {
        #expect(throws: ConfigurationError.self) {
            try configuration([.bootstrapExpect: "3", .seedNodes: text])
        }
    }

    @Test("Quorums are checked against the number of replicas in a cluster of the expected size", arguments: [
        (["3", "3", "2", "2"], nil), (["5", "3", "3", "2"], nil), (["2", "3", "1", "2"], nil),
        (["3", "3", "1", "2"], "must exceed the number of replicas, 3"),
        (["3", "3", "3", "1"], "more than half of the replicas, 3"),
        (["2", "3", "3", "2"], "--read-quorum 3 was given; 1 to the number of replicas, 2"),
        (["3", "2", "2", "3"], "--write-quorum 3 was given; 1 to the number of replicas, 2"),
    ] as [([String], String?)])
    func quorums(numbers: [String], refusal: String?) {
        let settings = zip([.bootstrapExpect, .replicas, .readQuorum, .writeQuorum] as [Setting], numbers)
        do {
            _ = try configuration(Dictionary(uniqueKeysWithValues: settings))
            #expect(refusal == nil)
        } catch {
            #expect(refusal.map { "\(error)".contains($0) } == true, "\(error)")
        }
    }

    @Test("The cluster secret is the first line of its file", arguments: [
        ("s3cret\n", "s3cret"), ("s3cret\r\nmore\n", "s3cret"), ("s3cret", "s3cret"), ("", nil), ("\n", nil),
        ("two words\n", nil), ("caf\u{e9}\n", nil), (String(repeating: "x", count: 257), nil),
    ] as [(String, String?)])
    func secret(content: String, expected: String?) throws {
        let directory = TestDirectory()
        try content.write(toFile: directory.path, atomically: true, encoding: .utf8)
        let secret = try? configuration([.clusterSecretFile: directory.path]).cluster.secret
        #expect(secret.map(\.headerLine) == expected.map { "X-Cluster-Secret: \($0)" })
        if let secret, let expected {
            #expect(secret.matches(Array(expected.utf8)[...]))
            #expect(!secret.matches(Array("s3creT".utf8)[...]) && !secret.matches([]))
        }
    }

    @Test("A name in the file that is not a setting is refused")
    func unknownName() {
        #expect(throws: ConfigurationError.self) { try configuration(file: ["node_id": "x"]) }
    }

    @Test("Sizes are whole numbers with a unit", arguments: [
        ("0", 0), ("65536", 65536), ("64KiB", 65536), ("1MiB", 1 << 20), ("2GiB", 2 << 30), ("7B", 7),
    ])
    func sizes(text: String, bytes: Int) {
        #expect(ByteSize(text)?.bytes == bytes)
    }

    @Test("Other texts are not sizes", arguments: [
        "", "MiB", "-1", "1 MiB", "1.5MiB", "1TB", "9999999999999GiB", "0x10",
    ])
    func noSizes(text: String) {
        #expect(ByteSize(text) == nil)
    }

    @Test("Durations are whole numbers with a unit", arguments: [
        ("500ms", 500), ("10s", 10_000), ("5m", 300_000), ("3h", 10_800_000), ("1d", 86_400_000),
    ])
    func durations(text: String, milliseconds: UInt64) {
        #expect(ParsedDuration(text)?.milliseconds == milliseconds)
        #expect(ParsedDuration("10") == nil)
    }
}
