import Testing

@testable import HedgehogNode

@Suite struct NodeConfigurationTests {
    private func configuration(
        _ flags: [Setting: String] = [:], environment: [String: String] = [:], file: [String: String] = [:]
    ) throws -> NodeConfiguration {
        try NodeConfiguration(
            from: SettingSources(flags: flags, environment: environment, file: file), terminalOutput: false,
            descriptorLimit: 4096)
    }

    @Test("Without settings a node is node-1 on 127.0.0.1:8080, alone")
    func standard() throws {
        let configuration = try configuration()
        #expect(configuration.nodeID == "node-1")
        #expect(configuration.bind.description == "127.0.0.1:8080")
        #expect(configuration.quorums.replicas == 1)
        #expect(configuration.partitions == 256)
        #expect(configuration.maximumItemBytes == 1 << 20)
        #expect(configuration.logFormat == .json)
        #expect(configuration.maximumConnections == 4096 - 640)
    }

    @Test("A flag beats the environment, which beats the file")
    func precedence() throws {
        let environment = ["HEDGEHOG_NODE_ID": "from-environment", "HEDGEHOG_PARTITIONS": "64"]
        let file = ["node-id": "from-file", "partitions": "32", "block-cache": "8MiB"]
        let configuration = try configuration([.nodeID: "from-flag"], environment: environment, file: file)
        #expect(configuration.nodeID == "from-flag")
        #expect(configuration.partitions == 64)
        #expect(configuration.blockCacheBytes == 8 << 20)
    }

    @Test("A bad value is refused with its name, what was given and what is allowed", arguments: [
        (.nodeID, "a/b", ["--node-id", "a/b", "letters"]),
        (.partitions, "0", ["--partitions", "\"0\"", "1 to 4096"]),
        (.partitions, "many", ["--partitions", "many"]),
        (.bind, "localhost", ["--bind", "localhost"]),
        (.maximumItemBytes, "1.5MiB", ["--max-item-bytes", "1.5MiB", "64KiB"]),
        (.hintWindow, "3 hours", ["--hint-window", "3 hours", "3h"]),
        (.sync, "never", ["--sync", "never", "always or interval"]),
        (.accessLog, "sampled:2", ["--access-log", "sampled:2"]),
        (.logLevel, "loud", ["--log-level", "loud"]),
        (.readQuorum, "2", ["--read-quorum 2", "1 to 1"]),
        (.bootstrapExpect, "3", ["--bootstrap-expect", "\"3\"", "single nodes"]),
        (.seedNodes, "127.0.0.1:8082", ["--seed-nodes", "127.0.0.1:8082", "single nodes"]),
        (.gcGrace, "1h", ["--gc-grace", "--hint-window"]),
        (.bind, "0.0.0.0:8080", ["--advertise"]),
        (.maximumConnections, "1000000", ["--max-connections"]),
    ] as [(Setting, String, [String])])
    func refusals(setting: Setting, value: String, mentions: [String]) {
        do {
            _ = try configuration([setting: value])
            Issue.record("accepted")
        } catch {
            for mention in mentions { #expect("\(error)".contains(mention), "\(error)") }
        }
    }

    @Test("A name in the file that is no setting is refused")
    func unknownName() {
        #expect(throws: ConfigurationError.self) { try configuration(file: ["node_id": "x"]) }
    }

    @Test("Sizes and durations are whole numbers with a unit", arguments: [
        ("0", 0), ("65536", 65536), ("64KiB", 65536), ("1MiB", 1 << 20), ("2GiB", 2 << 30), ("7B", 7),
    ])
    func sizes(text: String, bytes: Int) {
        #expect(ByteSize(text)?.bytes == bytes)
    }

    @Test("and nothing else", arguments: ["", "MiB", "-1", "1 MiB", "1.5MiB", "1TB", "9999999999999GiB", "0x10"])
    func noSizes(text: String) {
        #expect(ByteSize(text) == nil)
    }

    @Test("Durations too", arguments: [
        ("500ms", 500), ("10s", 10_000), ("5m", 300_000), ("3h", 10_800_000), ("1d", 86_400_000),
    ])
    func durations(text: String, milliseconds: UInt64) {
        #expect(Duration(text)?.milliseconds == milliseconds)
        #expect(Duration("10") == nil)
    }
}
