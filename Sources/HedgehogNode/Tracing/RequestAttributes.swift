internal import Cluster
internal import Observability
internal import Reactor

/// The node that serves a request, as attributes of the request's span.
struct ServingNode: Sendable {
    let nodeID: NodeID
    let host: String
    let port: Int

    init(nodeID: NodeID, address: SocketAddress) {
        self.nodeID = nodeID
        host = address.hostText
        port = Int(address.port)
    }
}

/// The attributes of the span of a client request, computed from the record that also makes its log line.
struct RequestAttributes: SpanAttributeSource {
    private let request: AccessRecord
    private let method: RequestMethod
    private let minorVersion: UInt8
    private let node: ServingNode
    private let headBytes: Int

    /// The largest request head, in bytes, that a span keeps in memory for its attributes. From a larger head, only the
    /// parts that become attributes are copied.
    private static let keptHeadBytes = 2048

    /// Creates the span attributes of a finished request. `headBytes` is the size in bytes of the request head, whose
    /// memory `request` shares.
    init(
        _ request: AccessRecord, method: RequestMethod, minorVersion: UInt8, headBytes: Int, at node: ServingNode
    ) {
        let keepsHead = headBytes <= Self.keptHeadBytes
        self.request = keepsHead ? request : request.withoutHead
        self.headBytes = min(headBytes, Self.keptHeadBytes)
        self.method = method
        self.minorVersion = minorVersion
        self.node = node
    }

    var byteCount: Int {
        512 + headBytes + request.requestID.textByteCount + (request.error?.utf8.count ?? 0)
    }

    func belongs(toRequest requestID: [UInt8]) -> Bool { request.requestID.equals(requestID) }

    func forEachAttribute(_ body: (_ key: String, _ value: SpanAttribute.Value) -> Void) {
        visitTarget(body)
        body("hedgehog.operation", .text(request.operation.rawValue))
        body("network.protocol.version", .text(minorVersion == 0 ? "1.0" : "1.1"))
        if !request.userAgent.isEmpty {
            body("user_agent.original", .bytes(request.userAgent.prefix(ObservabilityLimits.logUserAgentBytes)))
        }
        body("http.response.status_code", .integer(request.status))
        body("hedgehog.request_id", .requestID(request.requestID))
        body("hedgehog.node_id", .text(node.nodeID.description))
        body("server.address", .text(node.host))
        body("server.port", .integer(node.port))
        visitPeer(body)
    }

    /// Adds the client's address and port as span attributes. Splitting the text of the address is faster than parsing
    /// it into a `SocketAddress` for each span.
    private func visitPeer(_ body: (_ key: String, _ value: SpanAttribute.Value) -> Void) {
        let peer = request.peer
        guard let colon = peer.utf8.lastIndex(of: UInt8(ascii: ":")), let port = Int(peer[colon...].dropFirst())
        else { return }
        var host = peer[..<colon]
        if host.utf8.first == UInt8(ascii: "[") { host = host.dropFirst().dropLast() }
        let address = SpanAttribute.Value.text(String(host))
        body("client.address", address)
        body("network.peer.address", address)
        body("network.peer.port", .integer(port))
    }

    private func visitTarget(_ body: (_ key: String, _ value: SpanAttribute.Value) -> Void) {
        if method == .other {
            body("http.request.method", .text("_OTHER"))
            body("http.request.method_original", .bytes(request.method))
        } else {
            body("http.request.method", .text(method.rawValue))
        }
        body("url.scheme", .text("http"))
        let path = request.target.prefix { $0 != UInt8(ascii: "?") }
        body("url.path", .bytes(path.prefix(ObservabilityLimits.logTargetBytes)))
        if path.endIndex < request.target.endIndex {
            let query = request.target[(path.endIndex + 1)...]
            body("url.query", .bytes(query.prefix(ObservabilityLimits.logTargetBytes)))
        }
        if let route = request.route { body("http.route", .text(route)) }
    }
}

extension AccessRecord {
    fileprivate var withoutHead: AccessRecord {
        func copy(_ bytes: ArraySlice<UInt8>, _ limit: Int) -> ArraySlice<UInt8> { Array(bytes.prefix(limit))[...] }
        var record = self
        record.method = copy(method, ObservabilityLimits.logTargetBytes)
        record.target = copy(target, 2 * ObservabilityLimits.logTargetBytes)
        record.userAgent = copy(userAgent, ObservabilityLimits.logUserAgentBytes)
        return record
    }
}
