internal import Cluster
internal import HTTPClient
internal import Reactor

/// Sends messages to peers as HTTP POST requests over persistent connections. A message is the request's body, and the
/// answer is the response's body. Loop thread only.
///
/// Addresses are numeric, so nothing here waits for a name resolver. Curl sends a message again if a persistent
/// connection turns out to be closed, so a message may arrive twice; every call in a message tolerates that.
final class HTTPPeerTransport: PeerTransport {
    private let client: Client
    private let headerLines: [String]
    private var requestsByPeer: [String: Int] = [:]
    private(set) var bytesInFlight = 0
    /// The bytes sent to and received from each peer, by its address. Only the first `TransportLimits.countedAddresses`
    /// addresses are counted.
    private(set) var traffic: [String: Traffic] = [:]

    struct Traffic: Equatable {
        var sentBytes: UInt64 = 0
        var receivedBytes: UInt64 = 0
    }

    init(loop: EventLoop, secret: ClusterSecret?) {
        var limits = HTTPClientLimits()
        limits.maximumInFlight = TransportLimits.requests
        client = Client(loop: loop, limits: limits)
        headerLines = ["Content-Type: application/octet-stream"] + (secret.map { [$0.headerLine] } ?? [])
    }

    func send(
        _ message: [UInt8], over lane: PeerLane, to address: String, timeoutMilliseconds: UInt64,
        completion: @escaping (Result<[UInt8], PeerFailure>) -> Void
    ) {
        if let failure = rejection(of: message, to: address) {
            return client.loop.enqueue { completion(.failure(failure)) }
        }
        requestsByPeer[address, default: 0] += 1
        bytesInFlight += message.count
        note(address) { $0.sentBytes += UInt64(message.count) }
        client.send(request(message, lane, address, timeoutMilliseconds)) { [self, count = message.count] result in
            release(address, bytes: count)
            if case .success(let response) = result {
                note(address) { $0.receivedBytes += UInt64(response.body.count) }
            }
            completion(result.peerResult)
        }
    }

    /// Cancels all requests to peers. Must be called before the loop is closed.
    func close() { client.close() }

    private func request(
        _ message: [UInt8], _ lane: PeerLane, _ address: String, _ timeoutMilliseconds: UInt64
    ) -> ClientRequest {
        var request = ClientRequest(.post, url: "http://\(address)\(lane.path)", body: message)
        request.headerLines = headerLines
        request.timeoutMilliseconds = max(1, Int(clamping: timeoutMilliseconds))
        request.connectTimeoutMilliseconds = min(request.timeoutMilliseconds, TransportLimits.connectMilliseconds)
        request.maximumResponseBytes = TransportLimits.messageBytes
        return request
    }

    /// Returns the reason why a message cannot be sent to a peer now, such as an invalid address or too many bytes in
    /// flight; nil if it can be sent.
    private func rejection(of message: [UInt8], to address: String) -> PeerFailure? {
        guard let parsed = try? SocketAddress(address), !parsed.isUnspecified, parsed.port > 0 else {
            return .unreachable("\"\(address)\" is not a numeric address with a port")
        }
        if message.count > TransportLimits.messageBytes {
            return .unreachable(
                "the message has \(message.count) bytes; at most \(TransportLimits.messageBytes) are allowed")
        }
        if bytesInFlight + message.count > TransportLimits.bytesInFlight {
            return .unreachable(
                "\(bytesInFlight) bytes of messages wait for answers; "
                    + "at most \(TransportLimits.bytesInFlight) are allowed")
        }
        if requestsByPeer[address, default: 0] >= TransportLimits.requestsPerPeer {
            return .unreachable(
                "\(TransportLimits.requestsPerPeer) requests to this peer are running, the most allowed")
        }
        return nil
    }

    private func note(_ address: String, _ change: (inout Traffic) -> Void) {
        guard traffic[address] != nil || traffic.count < TransportLimits.countedAddresses else { return }
        change(&traffic[address, default: Traffic()])
    }

    private func release(_ address: String, bytes: Int) {
        bytesInFlight -= bytes
        guard let count = requestsByPeer[address] else { preconditionFailure("a request to a peer ended twice") }
        requestsByPeer[address] = count > 1 ? count - 1 : nil
    }
}

extension PeerLane {
    fileprivate var path: String {
        switch self {
        case .reads, .writes, .bulk: "/internal/v1/replicate"
        case .gossip: "/internal/v1/gossip"
        }
    }
}
