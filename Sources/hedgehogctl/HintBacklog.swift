/// What a node keeps for members that missed writes.
struct HintBacklog: ServerAnswer {
    struct Account: Decodable {
        let stored: Int
        let delivered: Int
        let superseded: Int
        let expired: Int
        let pendingBytes: Int
    }

    struct Hint: Decodable {
        /// Nil when the table was deleted since.
        let tableName: String?
        let key: String
        let op: String
        let timestamp: String
    }

    let pendingPerNode: [String: Int]
    /// Servers of the first system keep none.
    let accounts: [String: Account]?
    let hints: [String: [Hint]]

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

    /// The hints themselves, as far as the node was asked for them.
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
