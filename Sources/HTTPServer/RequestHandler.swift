package import HTTP

/// Answers the requests of a server. Every method is called on the loop. The server holds its handler strongly, so an
/// owner that the handler holds must release the server once it has drained.
package protocol RequestHandler: AnyObject {
    /// Returns the largest body, in bytes, accepted for a request with this head. Called once the head is complete; a
    /// larger body is refused before it is read.
    func maximumBodyBytes(for head: RequestHead) -> Int

    /// Handles a request that has arrived completely. It must be answered exactly once, from inside this call or later
    /// on the loop.
    func handle(_ exchange: Exchange)

    /// Answers a request that is not acceptable. `exchange.head` holds only what was parsed of it. It must be answered
    /// like any other request; then the connection closes.
    func refuse(_ exchange: Exchange, _ rejection: Rejection)

    /// The response was written completely, or was cut: see `exchange.outcome`. Called exactly once for each exchange,
    /// after all its other callbacks.
    func exchangeDidFinish(_ exchange: Exchange)
}

/// The reason why a request is passed to `refuse` and not to `handle`.
package enum Rejection: Equatable, Sendable {
    case malformed(Refusal)
    /// The head of the request was not complete within the time limit.
    case timedOut(limitMilliseconds: UInt64)
    /// The body of the request arrived more slowly than the required minimum.
    case bodyTooSlow(minimumBytesPerSecond: Int, windowMilliseconds: UInt64)
    /// More connections are open than allowed. Nothing of the request was read.
    case overloaded(limitConnections: Int)
    /// The bodies being received on all connections together exceed their memory limit.
    case bodyBudgetExceeded(limitBytes: Int)

    package var status: Status {
        switch self {
        case .malformed(let refusal): refusal.status
        case .timedOut, .bodyTooSlow: .requestTimeout
        case .overloaded, .bodyBudgetExceeded: .serviceUnavailable
        }
    }

    /// The text of the error response: a sentence that states what was wrong with the request and what is allowed.
    package var explanation: String {
        switch self {
        case .malformed(let refusal): refusal.explanation
        case .timedOut(let limit): "the head of the request did not arrive within \(limit) ms of its first byte"
        case .bodyTooSlow(let minimum, let window):
            "the body arrived at less than the \(minimum) bytes per second required, over \(window) ms"
        case .overloaded(let limit): "the limit of \(limit) open connections is reached; try again shortly"
        case .bodyBudgetExceeded(let limit):
            "the limit of \(limit) bytes for request bodies being received is reached; try again shortly"
        }
    }
}
