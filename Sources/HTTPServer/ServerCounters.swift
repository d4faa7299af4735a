/// What a server has seen and holds. Those that end in a state (open, in flight) go down again.
package struct ServerCounters: Sendable {
    /// Connections, those being turned away and those that linger included.
    package var openConnections = 0
    package var acceptedConnections: UInt64 = 0
    /// Turned away because too many were open; also counted as accepted.
    package var refusedConnections: UInt64 = 0
    package var requestsInFlight = 0
    /// Room taken by bodies that are still arriving.
    package var heldBodyBytes = 0
    /// Requests given to `handle`.
    package var requests: UInt64 = 0
    /// Given to `refuse`: no HTTP, too large, too slow, too many.
    package var rejectedRequests: UInt64 = 0
    /// Ended before their answer was complete.
    package var cutExchanges: UInt64 = 0
    /// Closed by us between requests.
    package var idleTimeouts: UInt64 = 0
    /// Cut because the client took nothing of its answer.
    package var writeStalls: UInt64 = 0
    /// The process had no descriptor for a connection, which then waits in the kernel.
    package var acceptFailures: UInt64 = 0

    package init() {}
}
