internal import Base
internal import Cluster
internal import HTTP
internal import HTTPServer
internal import Reactor

// The hints that this node keeps for others: shown, and sent before their time.
extension API {
    func handleHints(_ exchange: Exchange, _ context: RequestContext) throws(Failure) {
        if case .replayHints(let name) = context.route { return try replayHints(exchange, of: name) }
        let query = try query(exchange.head)
        try query.requireOnly("limit")
        let limit = try query.limit(default: BacklogPage.standardLimit, maximum: BacklogPage.maximumLimit)
        BacklogPage(exchange, node.member, limit: limit).gather()
    }

    private func replayHints(_ exchange: Exchange, of segment: Range<Int>) throws(Failure) {
        let bytes = try decode(segment, exchange.head, "node id")
        let name = String(repairing: bytes.span)
        guard node.member.replayHints(of: name) else { throw .noHints(for: name, of: node) }
        exchange.answer(.ok, Array("{\"message\":\"hint replay triggered\"}\n".utf8))
    }
}

/// All accounts as they are when it begins, then the first hints of one member after the other, as the disk gives them.
private final class BacklogPage {
    static let standardLimit = 100
    static let maximumLimit = 1_000

    private let exchange: Exchange
    private let member: ClusterNode
    private let limit: Int
    private let accounts: [ClusterNode.HintStatus]
    private var next = 0
    private var hints: [UInt8] = []

    init(_ exchange: Exchange, _ member: ClusterNode, limit: Int) {
        self.exchange = exchange
        self.member = member
        self.limit = limit
        accounts = member.hints
    }

    /// Not all members' at once: each may be a megabyte.
    func gather() {
        guard exchange.isOpen else { return }
        guard next < accounts.count else { return exchange.answer(.ok, body) }
        let nodeID = accounts[next].nodeID
        next += 1
        let isMember = member.hints(for: nodeID, limit: limit) { [self] in take($0, of: nodeID) }
        precondition(isMember, "a member has an account and is no member")
    }

    private func take(_ found: [Hint]?, of nodeID: String) {
        guard exchange.isOpen else { return }
        guard let found else {
            let sentence = "the hints for \(nodeID) cannot be read just now; /readyz says how the disk is"
            return exchange.fail(Failure(.serviceUnavailable, sentence))
        }
        if !hints.isEmpty { hints.append(",") }
        hints.appendJSONString(nodeID)
        hints.append(":[")
        for (index, hint) in found.enumerated() {
            if index > 0 { hints.append(",") }
            hints.append(hint, table: member.catalog.live(hint.write.table))
        }
        hints.append("]")
        gather()
    }

    private var body: [UInt8] {
        var (pending, closed): ([UInt8], [UInt8]) = ([], [])
        for (index, account) in accounts.enumerated() {
            if index > 0 {
                pending.append(",")
                closed.append(",")
            }
            pending.appendJSONString(account.nodeID)
            pending.append(":")
            pending.appendDecimal(account.totals.pending)
            closed.appendJSONString(account.nodeID)
            closed.append(":")
            closed.append(account.totals)
        }
        var body: [UInt8] = []
        body.append(#"{"pending_per_node":{"#)
        body.append(contentsOf: pending)
        body.append(#"},"accounts":{"#)
        body.append(contentsOf: closed)
        body.append(#"},"hints":{"#)
        body.append(contentsOf: hints)
        body.append("}}\n")
        return body
    }
}

extension Array where Element == UInt8 {
    /// `table` is nil when it was deleted since: the hint then goes unsent.
    fileprivate mutating func append(_ hint: Hint, table: TableState?) {
        append(#"{"table_name":"#)
        if let table { appendJSONString(table.name.description) } else { append("null") }
        append(#","key":"#)
        appendJSONString(hint.write.key.bytes)
        append(hint.write.item.isTombstone ? #","op":"delete","timestamp":""# : #","op":"put","timestamp":""#)
        appendTimestamp(wallNanoseconds: hint.storedAt.wallMilliseconds &* 1_000_000)
        append(#"","version":""#)
        hint.write.item.version.appendHex(to: &self)
        append("\"}")
    }

    fileprivate mutating func append(_ totals: HintTotals) {
        let numbers: [(StaticString, UInt64)] = [
            (#"{"stored":"#, totals.stored), (#","delivered":"#, totals.delivered),
            (#","superseded":"#, totals.superseded), (#","expired":"#, totals.expired),
            (#","pending":"#, totals.pending), (#","pending_bytes":"#, totals.pendingBytes),
        ]
        for (name, value) in numbers {
            append(name)
            appendDecimal(value)
        }
        append("}")
    }
}

extension Failure {
    fileprivate static func noHints(for name: String, of node: NodeServices) -> Failure {
        guard name != node.configuration.nodeID else {
            return Failure(.notFound, "\(name) is this node itself, which keeps no hints for itself; ask another node")
        }
        let others = node.member.hints.map(\.nodeID).joined(separator: ", ")
        return Failure(
            .notFound, "no member is called \"\(name)\"; the other members are \(others.isEmpty ? "none" : others)")
    }
}
