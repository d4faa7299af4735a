/// The network as the cluster's code sees it: bytes to a peer, bytes back, or why not. Bound to the loop.
package protocol PeerTransport: AnyObject {
    /// `completion` comes once, never before this call has returned, and at the latest soon after the timeout. A
    /// message may arrive twice.
    func send(
        _ message: [UInt8], over lane: PeerLane, to address: String, timeoutMilliseconds: UInt64,
        completion: @escaping (Result<[UInt8], PeerFailure>) -> Void)
}

/// Kept apart so that a version answer never waits behind a sync, nor either behind a page.
package enum PeerLane: Int, CaseIterable, Sendable {
    case reads
    case writes
    /// Pages, sums and tables.
    case bulk
    case gossip
}

package enum PeerFailure: Error, Equatable, Sendable {
    /// Nothing listens there: the process is down. Nothing arrived.
    case refused
    /// No connection, for another reason. Nothing arrived.
    case unreachable(String)
    /// Whether the message arrived is not known.
    case timedOut
    case broken(String)
    /// The peer would have nothing of the message: the sentence says why. That tells of this copy of it; another may
    /// have been taken.
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
        case .refused: "the connection was refused"
        case .unreachable(let why): "cannot be reached: \(why)"
        case .timedOut: "no answer in time"
        case .broken(let why): "the connection or its answer broke: \(why)"
        case .rejected(let why): "the message was rejected: \(why)"
        }
    }
}
