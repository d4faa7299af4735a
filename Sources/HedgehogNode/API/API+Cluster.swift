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
        let quorums = record?.quorums ?? cluster.quorums
        let body = JSONWriter.line {
            $0.member("node_id", node.configuration.nodeID.description)
            $0.member("bind_addr", node.address.description)
            $0.member("formed", record != nil)
            if let record { $0.member("cluster_id", record.clusterID.description) }
            $0.member("replication_n", quorums.replicas)
            $0.member("read_quorum", quorums.read)
            $0.member("write_quorum", quorums.write)
            $0.member("expected_nodes", cluster.bootstrapExpect)
            $0.member("total_nodes", members.count)
            $0.member("ring_size", node.partitions)
            $0.member("recovery") { $0.recovery(node.member.recovery) }
            $0.member("purge_blocked") { $0.blockedPurges(node.member.blockedPurges) }
            $0.member("nodes") { $0.members(of: node.member) }
        }
        exchange.answer(.ok, body)
    }

    private func answerNodes(_ exchange: Exchange) {
        exchange.answer(.ok, JSONWriter.line { $0.member("nodes") { $0.members(of: node.member) } })
    }

    private func answerTableCounts(_ exchange: Exchange) {
        let trace = exchange.context.requestTrace
        let fanOut = TableFanOut(node.tables.all) { [member = node.member] table, answered in
            member.liveCounts(table, trace: trace, completion: answered)
        } completion: { tables in
            guard exchange.isOpen else { return }
            exchange.answer(.ok, JSONWriter.line {
                for (table, counts) in tables {
                    $0.member(named: table.state.name.description) { $0.counts(counts) }
                }
            })
        }
        fanOut.start()
    }

    private func answerServiceDiscovery(_ exchange: Exchange) {
        var json = JSONWriter()
        json.array {
            for member in node.member.members where member.address != nil {
                $0.object {
                    $0.array("targets", [member.address ?? ""]) { $0.text($1) }
                    $0.member("labels") { $0.object { $0.member("node_id", member.nodeID.description) } }
                }
            }
        }
        json.bytes.append(UInt8(ascii: "\n"))
        exchange.answer(.ok, json.bytes)
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

    /// The JSON body that shows which version of an item each replica holds, in the order of the preference list. A
    /// replica that did not answer is listed in "replicas" and missing in "versions".
    private static func replicas(_ versions: [(nodeID: NodeID, holds: HeldVersion??)]) -> [UInt8] {
        JSONWriter.line {
            $0.member("primary", versions.first?.nodeID.description ?? "")
            $0.array("replicas", versions) { $0.text($1.nodeID.description) }
            $0.member("versions") {
                $0.object {
                    for (nodeID, answer) in versions {
                        guard let version = answer else { continue }
                        $0.member(named: nodeID.description) { $0.version(version) }
                    }
                }
            }
        }
    }
}

extension JSONWriter {
    /// Writes a JSON object that maps each node id to its number of items, with -1 for a node that did not answer.
    fileprivate mutating func counts(_ counts: [(nodeID: NodeID, live: Int?)]) {
        object {
            for (nodeID, live) in counts { $0.member(named: nodeID.description) { $0.number(live ?? -1) } }
        }
    }

    fileprivate mutating func version(_ held: HeldVersion?) {
        guard let held else { return null() }
        plain { held.version.appendHex(to: &$0) }
    }
}
