/// The hints that one node holds for other members.
struct HintBacklog: ServerAnswer {
    struct Account: Decodable {
        let stored: Int
        let delivered: Int
        let superseded: Int
        let expired: Int
        let pendingBytes: Int
    }

    struct PendingHint: Decodable {
        /// The name of the hint's table; nil if the table has been deleted since the hint was stored.
        let tableName: String?
        let key: String
        let op: String
        let timestamp: String
    }

    let pendingPerNode: [String: Int]
    /// The hint counters of each target node; nil from servers of the original API, which have no such counters.
    let accounts: [String: Account]?
    let hints: [String: [PendingHint]]

    var text: String {
        let numbers = ["PENDING", "BYTES", "STORED", "DELIVERED", "SUPERSEDED", "EXPIRED"]
        var grid = Grid([.init(title: "NODE")] + numbers.map { .init(title: $0, alignment: .right) })
        for (node, pending) in pendingPerNode.sorted(by: { $0.key < $1.key }) {
            grid.add([node, "\(pending)"] + cells(accounts?[node]))
        }
        return grid.text
    }

    private func cells(_ account: Account?) -> [String] {
        guard let account else { return Array(repeating: "unknown", count: 5) }
        return [account.pendingBytes, account.stored, account.delivered, account.superseded, account.expired]
            .map { "\($0)" }
    }

    /// The table of the pending hints that the server listed, one line each; the option `--limit` bounds their number.
    var list: String {
        var grid = Grid(["FOR", "OP", "TABLE", "KEY", "STORED AT"].map { .init(title: $0) })
        for (node, hints) in hints.sorted(by: { $0.key < $1.key }) {
            for hint in hints {
                grid.add([node, hint.op, hint.tableName ?? "(deleted)", printableKey(hint.key), hint.timestamp])
            }
        }
        return grid.text
    }
}
