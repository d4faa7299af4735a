internal import Cluster
internal import HTTPServer
internal import Reactor
internal import Storage

/// A node's two faces: the server that clients and peers reach, and the member that speaks to peers. Loop-bound.
final class Service {
    let server: Server
    private let member: ClusterNode
    private let transport: HTTPPeerTransport
    private let pulse: TickDriver

    /// Listens, and gives `parts` its place; nothing is served or said before `start`.
    init(
        _ parts: NodeServices, server: Server, replica: LocalReplica, tracer: ClusterSpans
    ) throws(StartError) {
        self.server = server
        let configuration = parts.configuration
        let address = try Self.listen(server, configuration)
        let advertise = configuration.advertise ?? address
        transport = HTTPPeerTransport(loop: parts.loop, secret: configuration.cluster.secret)
        let cluster = configuration.cluster
        let partitions = parts.partitions
        do {
            member = try ClusterNode(
                MemberDependencies(
                    MemberSettings(configuration, partitions: parts.partitions, advertise: advertise),
                    store: replica, tables: parts.store.tables, transport: transport,
                    clock: SystemTimeSource(loop: parts.loop), random: SystemRandomNumberGenerator(),
                    observer: parts.news, tracer: tracer),
                description: NodeDescription(parts.store, configuration, advertise: advertise),
                rows: parts.store.clusterRows,
                contradiction: { $0.contradiction(of: cluster, partitions: partitions) })
        } catch {
            transport.close()
            throw StartError(error, directory: configuration.dataDirectory)
        }
        parts.appear(NodeServices.Presence(
                member: member, transport: transport, address: address, advertise: advertise))
        pulse = TickDriver(
            member, heartbeatMilliseconds: configuration.cluster.heartbeatIntervalMilliseconds, loop: parts.loop)
    }

    func start() { pulse.start() }

    /// Nothing is said to peers any more; what they were asked ends without their answer.
    func stop() {
        pulse.stop()
        transport.close()
    }

    private static func listen(
        _ server: Server, _ configuration: NodeConfiguration
    ) throws(StartError) -> SocketAddress {
        do {
            return try server.listen(on: configuration.bind)
        } catch {
            throw StartError("cannot listen: \(error); choose another address with --bind")
        }
    }
}

extension StartError {
    fileprivate init(_ error: MemberStartError, directory: String) {
        switch error {
        case .unreadableRecord:
            self.init("the cluster record in \(directory) cannot be read by this version")
        case .contradiction(let why): self.init(why)
        }
    }
}

extension MemberSettings {
    fileprivate init(_ configuration: NodeConfiguration, partitions: Int, advertise: SocketAddress) {
        let cluster = configuration.cluster
        self.init(
            nodeID: configuration.nodeID, seeds: cluster.seeds.filter { $0 != advertise }.map(\.description),
            bootstrapExpect: cluster.bootstrapExpect, replicas: cluster.replicas, readQuorum: cluster.readQuorum,
            writeQuorum: cluster.writeQuorum, partitions: partitions,
            gcGraceMilliseconds: cluster.gcGraceMilliseconds, hintWindowMilliseconds: cluster.hintWindowMilliseconds)
        operationTimeoutMilliseconds = configuration.operationTimeoutMilliseconds
        replicaTimeoutMilliseconds = cluster.replicaTimeoutMilliseconds
        heartbeatIntervalMilliseconds = cluster.heartbeatIntervalMilliseconds
        failureTimeoutMilliseconds = cluster.failureTimeoutMilliseconds
        maximumClockSkewMilliseconds = cluster.maximumClockSkewMilliseconds
        antiEntropyIntervalMilliseconds = cluster.antiEntropyIntervalMilliseconds
    }
}
