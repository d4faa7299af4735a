internal import Base
internal import Cluster
internal import HTTP
internal import HTTPServer
internal import Reactor
internal import Storage

// The routes about the cluster, answered from this node's own view of it. A single node is a cluster of one and answers
// them in the same form.
extension API {
    func handleCluster(_ exchange: Exchange, _ context: RequestContext) throws(Failure) {
        switch context.route {
        case .clusterStatus: answerStatus(exchange)
        case .clusterNodes: answerNodes(exchange)
        case .clusterTableCounts: answerTableCounts(exchange)
        case .replicaNodes: try answerReplicaNodes(exchange, context)
        default: answerServiceDiscovery(exchange)
        }
    }

    private func answerStatus(_ exchange: Exchange) {
        let record = node.member.record
        let members = node.member.members
        let cluster = node.configuration.cluster
        var body: [UInt8] = []
        body.append(#"{"node_id":"#)
        body.appendJSONString(node.configuration.nodeID.description)
        body.append(#","bind_addr":"#)
        body.appendJSONString(node.address.description)
        body.append(#","formed":"#)
        body.append(record == nil ? "false" : "true")
        if let record {
            body.append(#","cluster_id":"#)
            body.appendJSONString(record.clusterID.description)
        }
        let quorums = record?.quorums ?? cluster.quorums
        let numbers: [(StaticString, Int)] = [
            (#","replication_n":"#, quorums.replicas), (#","read_quorum":"#, quorums.read),
            (#","write_quorum":"#, quorums.write), (#","expected_nodes":"#, cluster.bootstrapExpect),
            (#","total_nodes":"#, members.count), (#","ring_size":"#, node.partitions),
        ]
        for (name, value) in numbers {
            body.append(name)
            body.appendDecimal(value)
        }
        body.append(#","recovery":"#)
        body.append(node.member.recovery)
        body.append(#","purge_blocked":"#)
        body.append(blockedPurges: node.member.blockedPurges)
        body.append(#","nodes":"#)
        body.appendMembers(of: node.member)
        body.append("}\n")
        exchange.answer(.ok, body)
    }

    private func answerNodes(_ exchange: Exchange) {
        var body: [UInt8] = []
        body.append(#"{"nodes":"#)
        body.appendMembers(of: node.member)
        body.append("}\n")
        exchange.answer(.ok, body)
    }

    private func answerTableCounts(_ exchange: Exchange) {
        let trace = exchange.context.requestTrace
        let fanOut = TableFanOut(node.tables.all) { [member = node.member] table, answered in
            member.liveCounts(table, trace: trace, completion: answered)
        } completion: { tables in
            guard exchange.isOpen else { return }
            var body: [UInt8] = []
            body.append("{")
            for (index, (table, counts)) in tables.enumerated() {
                if index > 0 { body.append(",") }
                body.appendJSONString(table.state.name.description)
                body.append(":")
                body.append(counts)
            }
            body.append("}\n")
            exchange.answer(.ok, body)
        }
        fanOut.start()
    }

    private func answerServiceDiscovery(_ exchange: Exchange) {
        var body: [UInt8] = []
        body.append("[")
        for (index, member) in node.member.members.filter({ $0.address != nil }).enumerated() {
            if index > 0 { body.append(",") }
            body.append(#"{"targets":["#)
            body.appendJSONString(member.address ?? "")
            body.append(#"],"labels":{"node_id":"#)
            body.appendJSONString(member.nodeID.description)
            body.append("}}")
        }
        body.append("]\n")
        exchange.answer(.ok, body)
    }

    private func answerReplicaNodes(_ exchange: Exchange, _ context: RequestContext) throws(Failure) {
        let query = try query(exchange.head)
        try query.requireOnly("table", "key")
        guard let name = try query.single("table"), let keyBytes = try query.single("key") else {
            throw .tableAndKeyRequired
        }
        guard let table = node.tables[name] else { throw .noSuchTable(name) }
        context.table = table
        let key: ItemKey
        do {
            key = try ItemKey(validating: keyBytes)
        } catch {
            throw .badKey(error)
        }
        node.member.replicaVersions(table: table.state, key: key, trace: context.requestTrace) { versions in
            guard exchange.isOpen else { return }
            exchange.answer(.ok, Self.replicas(versions))
        }
    }

    /// The JSON body for `versions`, in the order of the preference list. A replica that did not answer is listed in
    /// "replicas" and missing in "versions".
    private static func replicas(_ versions: [(nodeID: NodeID, holds: HeldVersion??)]) -> [UInt8] {
        var (names, held): ([UInt8], [UInt8]) = ([], [])
        for (nodeID, version) in versions {
            if !names.isEmpty { names.append(",") }
            names.appendJSONString(nodeID.description)
            guard let version else { continue }
            if !held.isEmpty { held.append(",") }
            held.appendJSONString(nodeID.description)
            held.append(":")
            held.append(version)
        }
        var body: [UInt8] = []
        body.append(#"{"primary":"#)
        body.appendJSONString(versions.first?.nodeID.description ?? "")
        body.append(#","replicas":["#)
        body.append(contentsOf: names)
        body.append(#"],"versions":{"#)
        body.append(contentsOf: held)
        body.append("}}\n")
        return body
    }
}

extension Array where Element == UInt8 {
    /// Appends the counts by node id, with -1 for a node that did not answer.
    fileprivate mutating func append(_ counts: [(nodeID: NodeID, live: Int?)]) {
        append("{")
        for (index, (nodeID, live)) in counts.enumerated() {
            if index > 0 { append(",") }
            appendJSONString(nodeID.description)
            append(":")
            appendSigned(live ?? -1)
        }
        append("}")
    }

    fileprivate mutating func append(_ version: HeldVersion?) {
        guard let version else { return append("null") }
        append("\"")
        version.version.appendHex(to: &self)
        append("\"")
    }
}
