internal import HTTPServer
internal import Reactor

/// Runs a node whose services are built: accepts requests of clients and peers, and drives the cluster member's timers.
/// Only the event loop may use it.
final class Service {
    let server: Server
    private let transport: HTTPPeerTransport
    private let tickDriver: TickDriver

    /// Connects the server to the listening socket. No connection is accepted before the next loop iteration, and
    /// nothing is sent to peers before `start`. If the system does not let the listening socket be watched, this closes
    /// the services and throws.
    init(_ services: NodeServices, handler: API, limits: HTTPServerLimits) throws(StartError) {
        server = Server(loop: services.loop, limits: limits, handler: handler)
        transport = services.transport
        do {
            try server.listen(with: services.listener)
        } catch {
            services.close()
            throw StartError("cannot accept connections on \(services.address): \(error)")
        }
        tickDriver = TickDriver(
            services.member, heartbeatMilliseconds: services.configuration.cluster.heartbeatIntervalMilliseconds,
            loop: services.loop)
    }

    func start() { tickDriver.start() }

    /// Stops the timers of the cluster member and closes the transport: nothing more is sent to peers, and requests to
    /// peers that are under way end without an answer.
    func stop() {
        tickDriver.stop()
        transport.close()
    }
}
