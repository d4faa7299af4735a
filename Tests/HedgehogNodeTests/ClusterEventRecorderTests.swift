@testable import Cluster
import Foundation
import Observability
import Testing

@testable import HedgehogNode

/// Tests of the metrics and log lines that the recorder makes from cluster events.
@Suite struct ClusterEventRecorderTests {
    private let registry = MetricRegistry()

    /// Returns the log lines that `node-1` of three members writes for these events.
    private func lines(_ events: [ClusterEvent], pending: UInt64 = 0) throws -> [[String: Any]] {
        let path = NSTemporaryDirectory() + "log-" + UUID().uuidString
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = try #require(FileHandle(forWritingAtPath: path))
        let configuration = try NodeConfiguration(
            from: SettingSources(flags: [:], environment: [:], file: [:]), terminalOutput: false,
            descriptorLimit: 4096)
        let log = try NodeLog(configuration, descriptor: file.fileDescriptor)
        let recorder = ClusterEventRecorder(registry: registry, log: log, nodeID: "node-1")
        recorder.hintsPending = { $0 == 2 ? pending : 0 }
        recorder.bootstrapped(try Self.record())
        for event in events { recorder.noted(event) }
        log.close()
        try file.close()
        return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    private static func record() throws -> ClusterRecord {
        let members = (1...3).map { ClusterRecord.Member(nodeID: "node-\($0)", storeID: StoreID(high: 0, low: $0)) }
        return ClusterRecord(
            clusterID: ClusterID(high: 1, low: 1), epoch: 1, members: members,
            quorums: try Quorums(replicas: 3, members: 3), partitions: 4, gcGraceMilliseconds: 2,
            hintWindowMilliseconds: 1)
    }

    private static func compared(
        _ member: MemberIndex, differing: Int, pulled: Int = 0, failure: String? = nil
    ) -> ClusterEvent {
        .compared(
            with: member,
            ClusterEvent.Comparison(differing: differing, pulled: pulled, pushed: 0, dropped: 0, failure: failure))
    }

    private static func replayed(puts: Int, expired: Int = 0, isComplete: Bool = true) -> ClusterEvent {
        .replayed(
            ClusterEvent.Replayed(
                target: 2, puts: puts, deletes: 0, expired: expired, isComplete: isComplete, milliseconds: 40))
    }

    @Test("A sync session is counted by its result; it is logged if it repaired something or failed")
    func comparisons() throws {
        let lines = try lines([
            Self.compared(1, differing: 0), .repaired(with: 1, pulled: 2, pushed: 0, dropped: 0),
            Self.compared(1, differing: 2, pulled: 2),
            Self.compared(2, differing: 1, failure: "timed out"),
        ])
        #expect(lines.map { $0["level"] as? String } == ["info", "warn"])
        #expect(lines.map { $0["target_node"] as? String } == ["node-2", "node-3"])
        #expect(lines[0]["pulled"] as? Int == 2 && lines[1]["reason"] as? String == "timed out")
        for (labels, value) in [
            (#"target_node="node-2",result="equal""#, 1), (#"target_node="node-2",result="repaired""#, 1),
            (#"target_node="node-3",result="failed""#, 1), (#"target_node="node-3",result="equal""#, 0),
        ] { expect("hedgehog_anti_entropy_comparisons_total", labels, value) }
        expect("hedgehog_anti_entropy_keys_total", #"target_node="node-2",direction="pulled""#, 2)
    }

    @Test("A replay is logged once per minute and kind, and one that only expired hints does not suppress others")
    func replays() throws {
        let lines = try lines(
            [
                Self.replayed(puts: 0, expired: 3), Self.replayed(puts: 5), Self.replayed(puts: 6),
                Self.replayed(puts: 1, isComplete: false),
            ], pending: 7)
        #expect(lines.map { $0["level"] as? String } == ["info", "info", "warn"])
        #expect(lines.map { $0["puts"] as? Int } == [0, 5, 1])
        #expect(lines[0]["expired"] as? Int == 3 && lines[2]["hints_pending"] as? Int == 7)
        #expect(lines[1]["took_ms"] as? Double == 40)
        expect("hedgehog_replication_hint_replay_total", #"target_node="node-3",result="success""#, 3)
        expect("hedgehog_replication_hint_replay_total", #"target_node="node-3",result="failure""#, 1)
        expect("hedgehog_replication_hint_replay_ops_total", #"target_node="node-3",op="put""#, 12)
    }

    @Test("A hint that was not stored is counted by reason and logged", arguments: [
        (.budget, "limit"), (.disk, "disk"), (.queue, "queue"),
    ] as [(ClusterEvent.HintLoss, String)])
    func losses(loss: ClusterEvent.HintLoss, reason: String) throws {
        let lines = try lines([
            Self.missed(.lost(loss)), Self.missed(.lost(loss)),
        ])
        #expect(lines.count == 1 && lines.first?["hint"] as? String == "lost_" + reason)
        #expect(lines.first?["target_node"] as? String == "node-2" && lines.first?["level"] as? String == "warn")
        expect("hedgehog_replication_hints_dropped_total", #"target_node="node-2",reason="\#(reason)""#, 2)
    }

    @Test("A missed write is one log line with the write, the replica, the cause and the outcome of its hint")
    func missed() throws {
        let lines = try lines(
            [Self.missed(.stored), Self.missed(.stored), Self.missed(.noHolder, .nodeDown), Self.missed(.unneeded)])
        #expect(lines.map { $0["hint"] as? String } == ["stored", "none", "unneeded"])
        #expect(lines.map { $0["cause"] as? String } == ["failure", "node_down", "failure"])
        for line in lines {
            #expect(line["target_node"] as? String == "node-2" && line["op"] as? String == "put")
            #expect(line["table"] as? String == "users" && line["request_id"] as? String == "demo-1")
            #expect(line["trace_id"] as? String == "000000000000000a000000000000000b")
        }
        expect("hedgehog_replication_hints_dropped_total", #"target_node="node-2",reason="disk""#, 0)
    }

    private static func missed(
        _ fate: ClusterEvent.HintFate, _ result: Cluster.SendResult = .failure
    ) -> ClusterEvent {
        let trace = RequestTrace(
            requestID: Array("demo-1".utf8), traceHigh: 10, traceLow: 11, spanID: 12, traceFlags: 1)
        guard let name = try? TableName(validating: Array("users".utf8)) else {
            preconditionFailure("the name of a table is refused")
        }
        let table = TableState(name: name, generation: 1, isDeleted: false, createdAtMilliseconds: 1)
        return .missed(
            MissedWrite(target: 1, result: result, isDelete: false, table: table, trace: trace), fate)
    }

    @Test("A replaced disk is logged as an error, its recovery and purges at level info")
    func disk() throws {
        let lines = try lines([
            .storeReplaced("node-2 remembers more"), .recovered, .purged(partition: 3, tombstones: 9),
            .readRepair(succeeded: true),
        ])
        #expect(lines.map { $0["level"] as? String } == ["error", "info", "info"])
        #expect(lines[0]["reason"] as? String == "node-2 remembers more" && lines[2]["tombstones"] as? Int == 9)
        #expect(page.contains("hedgehog_tombstones_purged_total 9\n"))
        expect("hedgehog_read_repair_total", #"result="success""#, 1)
    }

    private var page: String { String(decoding: registry.render(), as: UTF8.self) }

    private func expect(
        _ family: String, _ labels: String, _ value: Int, location: SourceLocation = #_sourceLocation
    ) {
        #expect(page.contains("\(family){\(labels)} \(value)\n"), "\(labels)", sourceLocation: location)
    }
}
