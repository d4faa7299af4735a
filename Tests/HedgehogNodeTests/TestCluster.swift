import Base
import Testing

@testable import HedgehogNode

/// A cluster of nodes in one process, each with its own thread, loop and port. The first one is everyone's seed.
final class TestCluster {
    private let settings: [Setting: String]
    private var directories: [TestDirectory] = []
    private var ports: [UInt16] = []
    private(set) var nodes: [TestNode?] = []

    /// Starts a cluster of test nodes and returns when all of them are ready.
    init(of count: Int = 3, _ settings: [Setting: String] = [:]) throws {
        self.settings = settings.merging([
            .bootstrapExpect: "\(count)", .heartbeatInterval: "50", .failureTimeout: "300",
        ]) { given, _ in given }
        for index in 0..<count {
            let directory = TestDirectory()
            let node = try TestNode(in: directory, self.settings(of: index))
            directories.append(directory)
            ports.append(node.port)
            nodes.append(node)
        }
        for index in 0..<count { poll(index, "is ready") { $0.get("/readyz")?.status == 200 } }
    }

    private func settings(of index: Int) -> [Setting: String] {
        var settings = settings
        settings[.nodeID] = "node-\(index + 1)"
        if ports.indices.contains(index) { settings[.bind] = "127.0.0.1:\(ports[index])" }
        let others = ports.enumerated().filter { $0.offset != index }.map { "127.0.0.1:\($0.element)" }
        if !others.isEmpty { settings[.seedNodes] = others.joined(separator: ",") }
        return settings
    }

    func client(_ index: Int) -> TestClient {
        guard let node = nodes[index] else { preconditionFailure("node \(index) is stopped") }
        return node.client()
    }

    func directory(_ index: Int) -> TestDirectory { directories[index] }

    func stop(_ index: Int) {
        nodes[index]?.stop()
        nodes[index] = nil
    }

    /// Starts the node on its old port, with its old data or, if `afresh` is true, without any.
    func start(_ index: Int, afresh: Bool = false) throws {
        if afresh { directories[index] = TestDirectory() }
        nodes[index] = try TestNode(in: directories[index], settings(of: index))
    }

    /// Polls a node until `holds` returns true, and records an issue if it does not in time.
    func poll(
        _ index: Int, _ what: String, location: SourceLocation = #_sourceLocation,
        _ holds: (TestClient) -> Bool
    ) {
        let deadline = ContinuousClock.now + .seconds(20)
        while !holds(client(index)) {
            guard ContinuousClock.now < deadline else {
                Issue.record(
                    "node \(index) never \(what): \(client(index).get("/readyz")?.text ?? "")",
                    sourceLocation: location)
                return
            }
        }
    }

    /// Waits until `observer` reports `index` as dead.
    func awaitDeath(of index: Int, by observer: Int, location: SourceLocation = #_sourceLocation) {
        poll(observer, "sees node \(index) dead", location: location) { client in
            let nodes = client.get("/api/v1/cluster/nodes")?.json["nodes"] as? [[String: Any]] ?? []
            return nodes.contains { $0["id"] as? String == "node-\(index + 1)" && $0["status"] as? Int == 2 }
        }
    }
}
