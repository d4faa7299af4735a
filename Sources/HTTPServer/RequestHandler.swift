package import HTTP

/// What answers requests. Every call comes on the loop. The server holds its handler strongly; an owner that holds both
/// lets go of the server when it has drained.
package protocol RequestHandler: AnyObject {
    /// Asked once the head is there. A larger body is refused before it is read.
    func maximumBodyBytes(for head: RequestHead) -> Int

    /// The whole request has arrived. To be answered exactly once, now or later.
    func handle(_ exchange: Exchange)

    /// What came is no acceptable request, and `exchange.head` is only what was understood of it. To be answered like
    /// any other; then the connection closes.
    func refuse(_ exchange: Exchange, _ rejection: Rejection)

    /// The answer was handed over in full, or was cut: see `exchange.outcome`. Exactly once for each exchange, and the
    /// last that is heard of it.
    func exchangeDidFinish(_ exchange: Exchange)
}

/// Why a request is not given to `handle`.
package enum Rejection: Equatable, Sendable {
    case malformed(Refusal)
    /// The rest of the request did not come in time.
    case timedOut(limitMilliseconds: UInt64)
    /// More connections are open than are allowed. Nothing was read.
    case overloaded(limitConnections: Int)
    /// The bodies being received at this moment take as much memory as they may.
    case crowded(limitBytes: Int)

    package var status: Status {
        switch self {
        case .malformed(let refusal): refusal.status
        case .timedOut: .requestTimeout
        case .overloaded, .crowded: .serviceUnavailable
        }
    }

    /// For people: what was given and what is allowed.
    package var explanation: String {
        switch self {
        case .malformed(let refusal): refusal.explanation
        case .timedOut(let limit): "the request did not arrive within \(limit) ms of its first byte"
        case .overloaded(let limit): "the limit of \(limit) open connections is reached"
        case .crowded(let limit): "\(limit) bytes of other requests' bodies are being received; try again shortly"
        }
    }
}
