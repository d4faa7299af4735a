/// The network as used by this module: sends a message to a peer and returns its response. Bound to the loop.
package protocol PeerTransport: AnyObject {
    /// Calls `completion` exactly once: after this method has returned, and shortly after the timeout at the latest. A
    /// message may arrive twice.
    func send(
        _ message: [UInt8], over lane: PeerLane, to address: String, timeoutMilliseconds: UInt64,
        completion: @escaping (Result<[UInt8], PeerFailure>) -> Void)
}

/// Traffic classes with separate queues and connections: reads never wait behind writes, which wait for a disk sync,
/// and neither waits behind pages.
package enum PeerLane: Int, CaseIterable, Sendable {
    case reads
    case writes
    /// Pages, totals, tables, hints and repairs.
    case bulk
    case gossip
}

package enum PeerFailure: Error, Equatable, Sendable {
    /// The connection was refused: the process is down. The message did not arrive.
    case refused
    /// No connection, for another reason. The message did not arrive.
    case unreachable(String)
    /// No response in time. It is unknown whether the message arrived.
    case timedOut
    case broken(String)
    /// The peer rejected the message, for the given reason. A second copy of the message, sent by a retry of the
    /// transport, may have been accepted.
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
        case .unreachable(let why): "cannot be reached: \(why)"
        case .timedOut: "no response in time"
        case .broken(let why): "connection or response broken: \(why)"
        case .rejected(let why): "message rejected: \(why)"
        }
    }
}
