internal import Base
internal import Cluster
internal import HTTP
internal import HTTPServer
internal import Observability
internal import Reactor

// The internal routes: messages between nodes, and commands of an operator to one node.
extension API {
    func handleInternal(_ exchange: Exchange, _ context: RequestContext) throws(Failure) {
        switch context.route {
        case .replicate: try receive(exchange, over: .writes)
        case .gossip: try receive(exchange, over: .gossip)
        case .acceptDataLoss: try acceptDataLoss(exchange)
        default: try abortBootstrap(exchange)
        }
    }

    private func receive(_ exchange: Exchange, over lane: PeerLane) throws(Failure) {
        try authorize(exchange.head, withoutSecret: node.configuration.cluster.secret == nil)
        guard !node.isDraining else {
            node.recorder.replication.countRefused(.notReady)
            throw .shuttingDown
        }
        let metrics = node.recorder.replication
        node.member.receive(takeBody(exchange), over: lane) { result in
            guard exchange.isOpen else { return }
            switch result {
            case .success(let answer): exchange.answerPeer(answer)
            case .failure(let rejection):
                metrics.countRefused(rejection.isMalformed ? .malformed : .mismatch)
                exchange.fail(.rejected(rejection))
            }
        }
    }

    private func abortBootstrap(_ exchange: Exchange) throws(Failure) {
        try requireOperator(exchange)
        node.member.abortBootstrap { refusal in
            guard exchange.isOpen else { return }
            if let refusal { return exchange.fail(.bootstrapNotAborted(refusal)) }
            exchange.answer(.ok, Array("{\"message\":\"bootstrap aborted\"}\n".utf8))
        }
    }

    private struct AcceptDataLossBody: Decodable {
        let node: String
    }

    private func acceptDataLoss(_ exchange: Exchange) throws(Failure) {
        try requireOperator(exchange)
        let own = node.configuration.nodeID
        let command = try AcceptDataLossBody(
            jsonBody: takeBody(exchange),
            required: #""node" that is a string; the one for this node is {"node":"\#(own)"}"#)
        guard NodeID(command.node) == own else {
            let address = node.member.members.first { $0.nodeID == NodeID(command.node) }?.address
            throw .otherNode(command.node, own: own, address: address)
        }
        guard let recovery = node.member.recovery, node.member.acceptDataLoss() else { throw .notRecovering(own) }
        let cost = recovery.cost(to: own)
        node.recorder.lossAccepted(cost)
        exchange.answer(.ok, JSONWriter.line { $0.member("message", cost) })
    }

    private func requireOperator(_ exchange: Exchange) throws(Failure) {
        let isLocal = (try? SocketAddress(exchange.peer))?.isLoopback == true
        try authorize(exchange.head, withoutSecret: isLocal)
    }

    /// Throws unless the request has the cluster secret, or `needsNone` is true. Requests with an Origin header come
    /// from a page in a browser and are always refused: such a page acts for neither a node nor an operator.
    private func authorize(_ head: RequestHead, withoutSecret needsNone: Bool) throws(Failure) {
        guard head.values(of: .origin) == .absent else { throw counted(.originNotAllowed) }
        if needsNone { return }
        guard let secret = node.configuration.cluster.secret else { throw counted(.onlyFromLoopback) }
        guard case .single(let range) = head.values(of: .xClusterSecret), secret.matches(head.bytes[range]) else {
            throw counted(.badClusterSecret)
        }
    }

    private func counted(_ failure: Failure) -> Failure {
        node.recorder.replication.countRefused(.secret)
        return failure
    }
}

extension Exchange {
    /// Sends the answer to a message from another node. It has none of the header fields for clients, because the
    /// operations in a message carry their own request ids.
    fileprivate func answerPeer(_ body: [UInt8]) {
        var fields: [UInt8] = []
        fields.append("Content-Type: application/octet-stream\r\n")
        respond(status: .ok, fields: fields, body: body)
    }
}

extension ClusterNode.RecoveryStatus {
    /// A sentence for the operator that says which data may be lost if the node's recovery is ended now.
    fileprivate func cost(to nodeID: NodeID) -> String {
        let missing = partitions - wholePartitions
        return "\(nodeID) votes with the data it holds: \(wholePartitions) of its \(partitions) partitions are in "
            + "sync. In the other \(missing), strong reads may miss acknowledged writes until anti-entropy has copied "
            + "them, and writes that no other replica holds are lost"
    }
}
