internal import Base
internal import Cluster
internal import HTTP
internal import HTTPServer
internal import Observability
internal import Reactor

// What nodes say to each other, and what an operator says to one of them.
extension API {
    func handleInternal(_ exchange: Exchange, _ context: RequestContext) throws(Failure) {
        switch context.route {
        case .replicate: try take(exchange, over: .writes)
        case .gossip: try take(exchange, over: .gossip)
        case .acceptDataLoss: try acceptDataLoss(exchange)
        default: try abortBootstrap(exchange)
        }
    }

    private func take(_ exchange: Exchange, over lane: PeerLane) throws(Failure) {
        try refuseStranger(exchange.head, orAllow: node.configuration.cluster.secret == nil)
        guard !node.isDraining else {
            node.news.replication.countRefused(.notReady)
            throw .shuttingDown
        }
        let metrics = node.news.replication
        node.member.receive(takeBody(exchange), over: lane) { result in
            guard exchange.isOpen else { return }
            switch result {
            case .success(let answer): exchange.answerPeer(answer)
            case .failure(let rejection):
                metrics.countRefused(rejection.isMalformed ? .malformed : .mismatch)
                exchange.fail(Failure(rejection.isMalformed ? .badRequest : .conflict, rejection.reason))
            }
        }
    }

    private func abortBootstrap(_ exchange: Exchange) throws(Failure) {
        try requireOperator(exchange)
        node.member.abortBootstrap { refusal in
            guard exchange.isOpen else { return }
            if let refusal { return exchange.fail(Failure(refusal)) }
            exchange.answer(.ok, Array("{\"message\":\"formation abandoned\"}\n".utf8))
        }
    }

    private struct AcceptDataLoss: Decodable {
        let node: String
    }

    private func acceptDataLoss(_ exchange: Exchange) throws(Failure) {
        try requireOperator(exchange)
        let own = node.configuration.nodeID
        let command = try AcceptDataLoss(
            commandBody: takeBody(exchange),
            required: #""node" that is a string; {"node":"\#(own)"} would be this node's"#)
        guard NodeID(command.node) == own else { throw .otherNode(command.node, than: node) }
        guard let recovery = node.member.recovery, node.member.acceptDataLoss() else { throw .notRecovering(own) }
        let cost = recovery.cost(to: own)
        node.news.lossAccepted(cost)
        var body: [UInt8] = []
        body.append(#"{"message":"#)
        body.appendJSONString(cost)
        body.append("}\n")
        exchange.answer(.ok, body)
    }

    private func requireOperator(_ exchange: Exchange) throws(Failure) {
        let isLocal = (try? SocketAddress(exchange.peer))?.isLoopback == true
        try refuseStranger(exchange.head, orAllow: isLocal)
    }

    /// A browser says which page a request comes from. No page speaks for a node or an operator.
    private func refuseStranger(_ head: RequestHead, orAllow isAllowed: Bool) throws(Failure) {
        guard head.values(of: .origin) == .absent else { throw stranger("requests of browser pages are refused here") }
        if isAllowed { return }
        guard let secret = node.configuration.cluster.secret else {
            throw stranger("this is taken from the node's own machine only, as the cluster has no secret")
        }
        guard case .single(let range) = head.values(of: .xClusterSecret), secret.matches(head.bytes[range]) else {
            throw stranger("X-Cluster-Secret is missing or another than this node's; see --cluster-secret-file")
        }
    }

    private func stranger(_ sentence: String) -> Failure {
        node.news.replication.countRefused(.secret)
        return Failure(.forbidden, sentence)
    }
}

extension Exchange {
    /// Only what a peer reads: ids travel with each operation of the message.
    fileprivate func answerPeer(_ body: [UInt8]) {
        var fields: [UInt8] = []
        fields.append("Content-Type: application/octet-stream\r\n")
        respond(status: .ok, fields: fields, body: body)
    }
}

extension ClusterNode.RecoveryStatus {
    /// Of ending it now.
    fileprivate func cost(to nodeID: NodeID) -> String {
        let missing = partitions - wholePartitions
        return "\(nodeID) votes with what it holds: \(wholePartitions) of its \(partitions) partitions are whole. In "
            + "the other \(missing), strong reads may miss acknowledged writes until anti-entropy has brought them, "
            + "and those that no other replica holds are lost"
    }
}

extension Failure {
    fileprivate static func otherNode(_ name: String, than node: NodeServices) -> Failure {
        let address = node.member.members.first { $0.nodeID == NodeID(name) }?.address
        let place = address.map { "; \(name) is at \($0)" } ?? ""
        return Failure(
            .badRequest, "this is \(node.configuration.nodeID), and only the node itself can do that\(place)")
    }

    fileprivate static func notRecovering(_ nodeID: NodeID) -> Failure {
        Failure(.conflict, "\(nodeID) is not recovering: there is no loss to accept")
    }

    fileprivate init(_ refusal: AbortBootstrapRefusal) {
        switch refusal {
        case .bootstrapped: self.init(.conflict, "this node's cluster is formed, and that is for good")
        case .nothingAccepted: self.init(.conflict, "this node has accepted no record; there is nothing to abandon")
        case .busy: self.init(.conflict, "a step of the formation is on its way to the disk; try again")
        case .notStored: self.init(.serviceUnavailable, "the disk failed; the record is still held")
        }
    }
}
