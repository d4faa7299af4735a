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
    /// The hints that have been read so far for the answer, for each target member.
    private var hints: [(NodeID, [Hint])] = []

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
        hints.append((nodeID, found))
        readNext()
    }

    private var body: [UInt8] {
        JSONWriter.line {
            $0.members("pending_per_node", counts.map { ($0.nodeID, $0.totals) }) { $0.number($1.pending) }
            $0.members("accounts", counts.map { ($0.nodeID, $0.totals) }) { $0.totals($1) }
            $0.members("hints", hints) { list($1, in: &$0) }
        }
    }

    private func list(_ found: [Hint], in json: inout JSONWriter) {
        json.array {
            for hint in found { $0.hint(hint, table: member.catalog.live(hint.write.table)) }
        }
    }
}

extension JSONWriter {
    /// Writes a JSON object named `name` that maps each node id to a value.
    fileprivate mutating func members<Value>(
        _ name: StaticString, _ values: [(NodeID, Value)], _ write: (inout JSONWriter, Value) -> Void
    ) {
        member(name) {
            $0.object { for (nodeID, value) in values { $0.member(named: nodeID.description) { write(&$0, value) } } }
        }
    }

    /// Writes one hint as a JSON object. `table` is nil if the table has been deleted since the hint was stored; such a
    /// hint is not sent.
    fileprivate mutating func hint(_ hint: Hint, table: TableState?) {
        object {
            $0.member("table_name") { if let table { $0.text(table.name.description) } else { $0.null() } }
            $0.member("key") { $0.text(hint.write.key.bytes.span) }
            $0.member("op", hint.write.item.isTombstone ? "delete" : "put")
            $0.member("timestamp") {
                $0.plain { $0.appendTimestamp(wallNanoseconds: hint.storedAt.wallMilliseconds &* 1_000_000) }
            }
            $0.member("version") { $0.plain { hint.write.item.version.appendHex(to: &$0) } }
        }
    }

    fileprivate mutating func totals(_ totals: HintTotals) {
        object {
            $0.member("stored", totals.stored)
            $0.member("delivered", totals.delivered)
            $0.member("superseded", totals.superseded)
            $0.member("expired", totals.expired)
            $0.member("pending", totals.pending)
            $0.member("pending_bytes", totals.pendingBytes)
        }
    }
}
