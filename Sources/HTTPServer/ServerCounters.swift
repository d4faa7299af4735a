/// The counters of a server. Those of a current state (open connections, requests in flight, held bytes) also go down;
/// the others only grow.
package struct ServerCounters: Sendable {
    /// Open connections, including those being rejected and those that linger.
    package var openConnections = 0
    package var acceptedConnections: UInt64 = 0
    /// Connections rejected because too many were open; also counted in `acceptedConnections`.
    package var refusedConnections: UInt64 = 0
    /// Requests that were passed to the handler and are not completely answered.
    package var requestsInFlight = 0
    /// Bytes of memory held for request bodies that are still arriving.
    package var heldBodyBytes = 0
    /// Requests passed to the handler's `handle`.
    package var requests: UInt64 = 0
    /// Requests passed to the handler's `refuse`: malformed, too large, too slow, or over a limit of the server.
    package var rejectedRequests: UInt64 = 0
    /// Exchanges that ended before their response was complete.
    package var cutExchanges: UInt64 = 0
    /// Connections that the server closed because they were idle between requests.
    package var idleTimeouts: UInt64 = 0
    /// Connections that the server reset because the client stopped reading its response.
    package var writeStalls: UInt64 = 0
    /// Accept attempts that failed because the process had no descriptor or memory left; the connection waits in the
    /// kernel.
    package var acceptFailures: UInt64 = 0

    package init() {}
}
