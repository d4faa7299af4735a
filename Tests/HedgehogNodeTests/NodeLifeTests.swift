import Base
import Reactor
import Testing

@testable import HedgehogNode

@Suite struct NodeLifeTests {
    private func configuration(in directory: TestDirectory) throws -> NodeConfiguration {
        let flags: [Setting: String] = [
            .bind: "127.0.0.1:0", .dataDirectory: directory.path, .logLevel: "error", .accessLog: "off",
        ]
        return try NodeConfiguration(
            from: SettingSources(flags: flags, environment: [:], file: [:]), terminalOutput: false,
            descriptorLimit: 4096)
    }

    @Test("A node that is stopped before it serves never serves, and its directory can be used again")
    func early() throws {
        let directory = TestDirectory()
        do {
            let node = try Node(configuration(in: directory))
            node.onServing = { _ in Issue.record("it served") }
            node.stopping.signal()
            try node.run()
        }
        #expect(TestNode.refusal(in: directory) == nil)
    }

    @Test("A client that reads nothing delays the shutdown by at most the shutdown timeout")
    func shutdownTimeout() throws {
        let node = try TestNode([.shutdownTimeout: "50ms"])
        let stalled = node.client()
        askForMore(than: 8 << 20, stalled)
        let start = ContinuousClock.now
        node.stop()
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(stalled.receive() == nil, "half an answer must not look whole")
    }

    @Test("A second stop signal ends the node at once")
    func secondSignal() throws {
        let node = try TestNode([.shutdownTimeout: "1h"])
        let stalled = node.client()
        askForMore(than: 8 << 20, stalled)
        node.tellToStop()
        // Once connections are refused, the node has handled the first stop signal; the second one follows.
        while node.client().get("/livez") != nil {}
        node.stop()
        #expect(stalled.receive() == nil)
    }

    /// Starts a scan whose answer is too large for any socket buffer, and reads only its beginning.
    private func askForMore(than bytes: Int, _ client: TestClient) {
        client.makeTable("t")
        let item = #"{"a":""# + String(repeating: "x", count: 1_000_000) + #""}"#
        for number in 0...(bytes / 1_000_000) { _ = client.put("/api/v1/tables/t/items/\(number)", item) }
        client.send(TestClient.request("GET", "/api/v1/tables/t/items"))
        client.awaitBytes()
    }

    @Test("A node that has stopped leaves no object in memory")
    func release() throws {
        let directory = TestDirectory()
        let configuration = try configuration(in: directory)
        var parts: [Weak] = []
        do {
            let node = try Node(configuration)
            node.onServing = { [unowned node] _ in
                parts = objects(in: node)
                node.stopping.signal()
            }
            try node.run()
        }
        #expect(parts.count > 10)
        // A mailbox may still be in memory, because the log thread may hold the log's mailbox when the node has ended.
        #expect(parts.filter { $0.object != nil && !$0.name.hasPrefix("Mailbox") }.map(\.name) == [])
    }
}

private struct Weak {
    let name: String
    weak var object: AnyObject?
}

/// All class instances that a node references, directly or through enums, tuples and other objects.
private func objects(in value: Any, depth: Int = 0) -> [Weak] {
    guard depth < 6 else { return [] }
    let mirror = Mirror(reflecting: value)
    let own = mirror.displayStyle == .class ? [Weak(name: "\(type(of: value))", object: value as AnyObject)] : []
    return own + mirror.children.flatMap { objects(in: $0.value, depth: depth + 1) }
}
