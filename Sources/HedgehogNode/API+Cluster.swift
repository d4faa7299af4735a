internal import Base
internal import Cluster
internal import HTTP
internal import HTTPServer
internal import Reactor
internal import Storage

// The cluster as this node sees it. A lone node is a cluster of one, and answers what a tool or a Prometheus asks of
// any cluster.
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
        let quorums = node.record.quorums
        var body: [UInt8] = []
        body.append(#"{"node_id":"#)
        body.appendJSONString(node.configuration.nodeID)
        body.append(#","bind_addr":"#)
        body.appendJSONString(node.address.description)
        body.append(#","cluster_id":"#)
        body.appendJSONString(node.record.clusterID.description)
        let numbers: [(StaticString, Int)] = [
            (#","replication_n":"#, quorums.replicas), (#","read_quorum":"#, quorums.read),
            (#","write_quorum":"#, quorums.write), (#","total_nodes":"#, node.record.members.count),
            (#","ring_size":"#, node.record.partitions),
        ]
        for (name, value) in numbers {
            body.append(name)
            body.appendDecimal(value)
        }
        body.append(#","nodes":["#)
        appendThisNode(to: &body)
        body.append("]}\n")
        exchange.answer(.ok, body)
    }

    private func answerNodes(_ exchange: Exchange) {
        var body: [UInt8] = []
        body.append(#"{"nodes":["#)
        appendThisNode(to: &body)
        body.append("]}\n")
        exchange.answer(.ok, body)
    }

    private func appendThisNode(to body: inout [UInt8]) {
        body.append(#"{"id":"#)
        body.appendJSONString(node.configuration.nodeID)
        body.append(#","addr":"#)
        body.appendJSONString(node.advertise.description)
        body.append(#","status":0,"state":"alive","last_seen":""#)
        body.appendTimestamp(wallNanoseconds: EventLoop.wallMilliseconds() * 1_000_000)
        body.append("\"}")
    }

    private func answerTableCounts(_ exchange: Exchange) {
        var body: [UInt8] = []
        body.append("{")
        for (index, table) in node.tables.all.enumerated() {
            if index > 0 { body.append(",") }
            body.appendJSONString(table.state.name.description)
            body.append(":{")
            body.appendJSONString(node.configuration.nodeID)
            body.append(":")
            body.appendDecimal(node.store.summary(of: table.id).live)
            body.append("}")
        }
        body.append("}\n")
        exchange.answer(.ok, body)
    }

    private func answerServiceDiscovery(_ exchange: Exchange) {
        var body: [UInt8] = []
        body.append(#"[{"targets":["#)
        body.appendJSONString(node.advertise.description)
        body.append(#"],"labels":{"node_id":"#)
        body.appendJSONString(node.configuration.nodeID)
        body.append("}}]\n")
        exchange.answer(.ok, body)
    }

    private func answerReplicaNodes(_ exchange: Exchange, _ context: RequestContext) throws(Failure) {
        let query = try query(exchange.head)
        try query.requireOnly("table", "key")
        guard let name = try query.single("table"), let keyBytes = try query.single("key") else {
            throw Failure(.badRequest, "table and key are required: ?table=users&key=alice")
        }
        guard let table = node.tables[name] else { throw .noSuchTable(name) }
        context.table = table
        let key: ItemKey
        do {
            key = try ItemKey(validating: keyBytes)
        } catch {
            throw .badKey(error)
        }
        let (id, reader) = (table.id, node.store.reader)
        node.workers.read({ () throws(StoreError) in try reader.read(id, key) }) { [self] result in
            finishReplicaNodes(exchange, result)
        }
    }

    private func finishReplicaNodes(_ exchange: Exchange, _ result: Result<StoredItem?, StoreError>) {
        guard exchange.isOpen else { return }
        let item: StoredItem?
        do {
            item = try result.get()
        } catch {
            return exchange.fail(.unreadable(error))
        }
        var version: [UInt8] = []
        item?.version.appendHex(to: &version)
        var body: [UInt8] = []
        body.append(#"{"primary":"#)
        body.appendJSONString(node.configuration.nodeID)
        body.append(#","replicas":["#)
        body.appendJSONString(node.configuration.nodeID)
        body.append(#"],"versions":{"#)
        body.appendJSONString(node.configuration.nodeID)
        body.append(":")
        if item == nil { body.append("null") } else { body.appendJSONString(version) }
        body.append("}}\n")
        exchange.answer(.ok, body)
    }
}
