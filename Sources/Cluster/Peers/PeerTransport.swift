/// The network: sends a message to a peer and returns its answer. Bound to the loop.
package protocol PeerTransport: AnyObject {
    /// Sends `message` to the peer at `address` and passes the peer's answer, or the failure, to `completion`. It is
    /// called once: after `send` has returned, and soon after the timeout at the latest. The peer may receive the
    /// message twice.
    func send(
        _ message: [UInt8], over lane: PeerLane, to address: String, timeoutMilliseconds: UInt64,
        completion: @escaping (Result<[UInt8], PeerFailure>) -> Void)
}

/// Lanes have separate queues and connections, so that a read never waits behind a write that waits for the disk, and
/// neither waits behind a large page.
package enum PeerLane: Int, CaseIterable, Sendable {
    case reads
    case writes
    /// The lane of scans, table operations, hint replay, anti-entropy, read repair and purges.
    case bulk
    case gossip
}

package enum PeerFailure: Error, Equatable, Sendable {
    /// The connection was refused: the process is down. The peer did not receive the message.
    case refused
    /// No connection, for another reason. The peer did not receive the message.
    case unreachable(String)
    /// No response arrived in time. The peer may have received the message.
    case timedOut
    /// The connection broke or the answer was invalid. The peer may have received the message.
    case broken(String)
    /// The peer rejected this copy of the message, with the reason. It may have accepted another copy.
    case rejected(String)

    package var mayHaveArrived: Bool {
        switch self {
        case .refused, .unreachable: false
        case .timedOut, .broken, .rejected: true
        }
    }
}

extension PeerFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .refused: "connection refused"
        case .unreachable(let why): "unreachable: \(why)"
        case .timedOut: "timed out"
        case .broken(let why): "invalid answer or broken connection: \(why)"
        case .rejected(let why): "rejected: \(why)"
        }
    }
}
