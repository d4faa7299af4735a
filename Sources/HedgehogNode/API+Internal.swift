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
        default: try abandonFormation(exchange)
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

    private func abandonFormation(_ exchange: Exchange) throws(Failure) {
        let isLocal = (try? SocketAddress(exchange.peer))?.isLoopback == true
        try refuseStranger(exchange.head, orAllow: isLocal)
        node.member.abandonFormation { refusal in
            guard exchange.isOpen else { return }
            if let refusal { return exchange.fail(Failure(refusal)) }
            exchange.answer(.ok, Array("{\"message\":\"formation abandoned\"}\n".utf8))
        }
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

extension Failure {
    fileprivate init(_ refusal: AbandonRefusal) {
        switch refusal {
        case .formed: self.init(.conflict, "this node's cluster is formed, and that is for good")
        case .nothingAccepted: self.init(.conflict, "this node has accepted no record; there is nothing to abandon")
        case .busy: self.init(.conflict, "a step of the formation is on its way to the disk; try again")
        case .notStored: self.init(.serviceUnavailable, "the disk failed; the record is still held")
        }
    }
}
