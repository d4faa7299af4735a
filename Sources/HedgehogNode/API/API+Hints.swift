internal import Base
internal import Cluster
internal import HTTP
internal import HTTPServer
internal import Reactor

// The routes about hints: one shows those that this node holds, the other starts their replay at once.
extension API {
    func handleHints(_ exchange: Exchange, _ context: RequestContext) throws(Failure) {
        if case .replayHints(let name) = context.route { return try replayHints(exchange, of: name) }
        let query = try query(exchange.head)
        try query.requireOnly("limit")
        let limit = try query.limit(
            default: HintBacklogResponse.standardLimit, maximum: HintBacklogResponse.maximumLimit)
        HintBacklogResponse(exchange, node.member, limit: limit).readNext()
    }

    private func replayHints(_ exchange: Exchange, of segment: Range<Int>) throws(Failure) {
        let bytes = try decode(segment, exchange.head, "node id")
        let name = String(repairing: bytes.span)
        guard let nodeID = NodeID(name), node.member.replayHints(of: nodeID) else {
            if NodeID(name) == node.configuration.nodeID { throw .hintsOfSelf(name) }
            throw .noSuchMember(name, others: node.member.hints.map(\.nodeID))
        }
        exchange.answer(.ok, Array("{\"message\":\"hint replay triggered\"}\n".utf8))
    }
}

/// Answers one request for the hint backlog: the counts for every member when the request arrives, then the first hints
/// for each member, read from the disk.
private final class HintBacklogResponse {
    static let standardLimit = 100
    static let maximumLimit = 1_000

    private let exchange: Exchange
    private let member: ClusterNode
    private let limit: Int
    private let counts: [ClusterNode.HintStatus]
    private var next = 0
    private var hints: [UInt8] = []

    init(_ exchange: Exchange, _ member: ClusterNode, limit: Int) {
        self.exchange = exchange
        self.member = member
        self.limit = limit
        counts = member.hints
    }

    /// Reads the hints of the next member, or answers after the last one. Members are read one after another, because
    /// the hints of each may take a megabyte.
    func readNext() {
        guard exchange.isOpen else { return }
        guard next < counts.count else { return exchange.answer(.ok, body) }
        let nodeID = counts[next].nodeID
        next += 1
        let isMember = member.hints(for: nodeID, limit: limit) { [self] in append($0, of: nodeID) }
        precondition(isMember, "hints are counted for a node that is not a member")
    }

    private func append(_ found: [Hint]?, of nodeID: NodeID) {
        guard exchange.isOpen else { return }
        guard let found else { return exchange.fail(.hintsUnreadable(for: nodeID)) }
        if !hints.isEmpty { hints.append(",") }
        hints.appendJSONString(nodeID.description)
        hints.append(":[")
        for (index, hint) in found.enumerated() {
            if index > 0 { hints.append(",") }
            hints.append(hint, table: member.catalog.live(hint.write.table))
        }
        hints.append("]")
        readNext()
    }

    private var body: [UInt8] {
        var (pending, accounts): ([UInt8], [UInt8]) = ([], [])
        for (index, count) in counts.enumerated() {
            if index > 0 {
                pending.append(",")
                accounts.append(",")
            }
            pending.appendJSONString(count.nodeID.description)
            pending.append(":")
            pending.appendDecimal(count.totals.pending)
            accounts.appendJSONString(count.nodeID.description)
            accounts.append(":")
            accounts.append(count.totals)
        }
        var body: [UInt8] = []
        body.append(#"{"pending_per_node":{"#)
        body.append(contentsOf: pending)
        body.append(#"},"accounts":{"#)
        body.append(contentsOf: accounts)
        body.append(#"},"hints":{"#)
        body.append(contentsOf: hints)
        body.append("}}\n")
        return body
    }
}

extension Array where Element == UInt8 {
    /// `table` is nil if the table has been deleted since the hint was stored; such a hint is not sent.
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
