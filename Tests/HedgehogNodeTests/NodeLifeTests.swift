import Base
import Reactor
import Testing

@testable import HedgehogNode

@Suite struct NodeLifeTests {
    @Test("A node that has stopped leaves nothing of itself in memory")
    func release() throws {
        let directory = TestDirectory()
        let configuration = try NodeConfiguration(
            from: SettingSources(
                flags: [
                    .bind: "127.0.0.1:0", .dataDirectory: directory.path, .logLevel: "error", .accessLog: "off",
                ], environment: [:], file: [:]),
            terminalOutput: false, descriptorLimit: 4096)
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
        // The thread that writes the log may hold its mailboxes for a moment longer.
        #expect(parts.filter { $0.object != nil && !$0.name.hasPrefix("Mailbox") }.map(\.name) == [])
    }
}

private struct Weak {
    let name: String
    weak var object: AnyObject?
}

/// Every object of a class that a node refers to, directly or through an enum, a tuple or another object.
private func objects(in value: Any, depth: Int = 0) -> [Weak] {
    guard depth < 6 else { return [] }
    let mirror = Mirror(reflecting: value)
    let own = mirror.displayStyle == .class ? [Weak(name: "\(type(of: value))", object: value as AnyObject)] : []
    return own + mirror.children.flatMap { objects(in: $0.value, depth: depth + 1) }
}
