internal import HTTPServer
internal import Reactor

/// Runs a node whose services are built: accepts requests of clients and peers, and drives the cluster member's timers.
/// Loop thread only.
final class Service {
    let server: Server
    private let transport: HTTPPeerTransport
    private let tickDriver: TickDriver

    /// Nothing is accepted before the next loop iteration, and nothing is sent before `start`. Throws, and closes the
    /// services, if the system does not let the listening socket be watched.
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

    /// Sends nothing to peers any more. Requests to peers that are under way end without an answer.
    func stop() {
        tickDriver.stop()
        transport.close()
    }
}
