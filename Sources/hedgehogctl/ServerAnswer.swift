#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// An API answer that is printed as text.
protocol ServerAnswer: Decodable {
    /// The answer as it is printed; every line ends with a line feed.
    var text: String { get }
}

extension Decodable {
    init(decodingJSON body: some Collection<UInt8>) throws(ControlFailure) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let answer = try? decoder.decode(Self.self, from: Data(body)) else {
            throw .invalidAnswer(Self.beginning(of: body))
        }
        self = answer
    }

    private static func beginning(of body: some Collection<UInt8>) -> String {
        let bytes = body.prefix(4 * ControlLimits.invalidAnswerCharacters)
        let text = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).joined(separator: " ")
        return text.isEmpty ? "it is empty" : printable(String(text.prefix(ControlLimits.invalidAnswerCharacters)))
    }
}

struct TableList: ServerAnswer {
    struct Entry: Decodable {
        let name: String
        let createdAt: String
        let itemCount: Int
    }

    let tables: [Entry]

    var text: String {
        var grid = Grid([.init(title: "TABLE"), .init(title: "ITEMS", alignment: .right), .init(title: "CREATED")])
        for table in tables {
            grid.add([table.name, table.itemCount < 0 ? "unknown" : "\(table.itemCount)", table.createdAt])
        }
        return grid.text
    }
}

/// The answer to a request that changes something: a message to print.
struct Confirmation: ServerAnswer {
    let message: String

    var text: String { printable(message) + "\n" }
}

struct TableCountAnswer: ServerAnswer {
    let count: Int
    let exact: Bool?

    var text: String { exact == false ? "\(count) (not exact: the replicas are not in sync)\n" : "\(count)\n" }
}

struct HealthAnswer: ServerAnswer {
    let status: String

    var text: String { printable(status) + "\n" }
}

struct ReadinessAnswer: ServerAnswer {
    struct Check: Decodable {
        let ok: Bool
        let reason: String?
    }

    let status: String
    let checks: [String: Check]

    var text: String {
        var grid = Grid([.init(title: "CHECK"), .init(title: "STATE")])
        for (name, check) in checks.sorted(by: { $0.key < $1.key }) {
            grid.add([name, check.ok ? "ok" : check.reason ?? "not ok"])
        }
        return printable(status) + "\n\n" + grid.text
    }
}

struct NodeList: ServerAnswer {
    struct Entry: Decodable {
        let id: String
        let addr: String
        let status: Int
        let state: String?
        let lastSeen: String?
        let clockOffsetMs: Int?
        let hintsPending: Int?
        let divergentKeys: Int?

        /// The name of a member's state. Servers of the original API send only the number, with the same meaning.
        var stateName: String {
            if let state { return state }
            switch status {
            case 0: return "alive"
            case 1: return "suspect"
            case 2: return "dead"
            default: return "status \(status)"
            }
        }

        /// The text that states how many milliseconds the member's clock is ahead of the clock of the node that
        /// answers.
        var clock: String {
            guard let clockOffsetMs else { return "unknown" }
            return clockOffsetMs < 0 ? "\(clockOffsetMs) ms" : "+\(clockOffsetMs) ms"
        }
    }

    let nodes: [Entry]

    var text: String {
        // Optional columns of the list of members. Not every server version sends their values, so a column is shown
        // only if at least one member has a value.
        let more: [(title: String, cell: (Entry) -> String, isShown: Bool)] = [
            ("CLOCK", \.clock, nodes.contains { $0.clockOffsetMs != nil }),
            ("HINTS", { Self.number($0.hintsPending) }, nodes.contains { $0.hintsPending != nil }),
            ("DIVERGENT", { Self.number($0.divergentKeys) }, nodes.contains { $0.divergentKeys != nil }),
        ].filter(\.isShown)
        var grid = Grid((["NODE", "ADDRESS", "STATE", "LAST SEEN"] + more.map(\.title)).map { .init(title: $0) })
        for node in nodes {
            let cells = [node.id, node.addr, node.stateName, node.lastSeen ?? "never"]
            grid.add(cells + more.map { $0.cell(node) })
        }
        return grid.text
    }

    private static func number(_ number: Int?) -> String { number.map { "\($0)" } ?? "-" }
}

struct ClusterStatus: ServerAnswer {
    struct RecoveryProgress: Decodable {
        let wholePartitions: Int
        let partitions: Int
        let explanation: String
    }

    struct PurgeBlocked: Decodable {
        let count: Int
        let reason: String?
    }

    let nodeId: String
    let bindAddr: String
    let clusterId: String?
    let formed: Bool?
    let expectedNodes: Int?
    let replicationN: Int
    let readQuorum: Int
    let writeQuorum: Int
    let totalNodes: Int
    let ringSize: Int
    let recovery: RecoveryProgress?
    let purgeBlocked: PurgeBlocked?
    let nodes: [NodeList.Entry]

    var text: String {
        var facts = [
            "answered by  \(nodeId) at \(bindAddr)",
            "members      \(formed == false ? bootstrapProgress : "\(totalNodes)")",
            "replicas     \(replicationN) per item; read quorum \(readQuorum), write quorum \(writeQuorum)",
            "partitions   \(ringSize)",
        ]
        if let recovery {
            let progress = "\(recovery.wholePartitions) of \(recovery.partitions) partitions recovered"
            facts.append("recovery     \(progress): \(recovery.explanation)")
        }
        if let purgeBlocked, purgeBlocked.count > 0 {
            facts.append("purge        blocked in \(purgeBlocked.count) partitions: \(purgeBlocked.reason ?? "")")
        }
        if let clusterId { facts.insert("cluster      \(clusterId)", at: 1) }
        return facts.map { printable($0) + "\n" }.joined() + "\n" + NodeList(nodes: nodes).text
    }

    private var bootstrapProgress: String {
        let expected = expectedNodes.map { " of \($0)" } ?? ""
        return "bootstrap not complete: \(totalNodes)\(expected) nodes known; `hedgehogctl ready` prints the reasons"
    }
}

struct ReplicaNodes: ServerAnswer {
    let primary: String
    let replicas: [String]
    /// The version of the key on each replica, by node id. The value is nil for a replica that does not hold the key; a
    /// node that did not answer is missing.
    let versions: [String: String?]?

    var text: String {
        var grid = Grid(["NODE", "ROLE", "VERSION"].map { .init(title: $0) })
        for node in [primary] + replicas.filter({ $0 != primary }) {
            grid.add([node, node == primary ? "primary" : "replica", version(at: node)])
        }
        return grid.text
    }

    private func version(at node: String) -> String {
        guard let version = versions?[node] else { return "unknown" }
        return version ?? "none"
    }
}

/// The answer to a scan without its entries.
struct ScanEnvelope: Decodable {
    let count: Int
    let next: String?
}
