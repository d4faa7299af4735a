internal import Cluster
internal import Observability
internal import Reactor
internal import Storage

/// The parts of a running node that the API, the metrics and the readiness checks share: store, cluster member, peer
/// transport, tables and tracing. Only the event loop may use it.
///
/// Everything is built in `init`, in the order of its dependencies. The listening socket comes first, because the
/// member tells its peers an address whose port may be the kernel's choice. `Service` then accepts connections and
/// starts the member.
final class NodeServices {
    let configuration: NodeConfiguration
    /// The number of partitions of the data directory, which is also that of the cluster.
    let partitions: Int
    let loop: EventLoop
    let store: Store
    let registry: MetricRegistry
    let workers: WorkQueue
    /// The listening socket: bound, but not yet accepting connections. Its address is the one at which clients reach
    /// this node.
    let listener: TCPListener
    /// The address at which other nodes and Prometheus reach this node.
    let advertise: SocketAddress
    let recorder: ClusterEventRecorder
    let tracing: Tracing
    let tables: LiveTables
    let transport: HTTPPeerTransport
    let member: ClusterNode
    /// Whether the node is shutting down, and so refuses messages of peers and is not ready.
    var isDraining = false

    var address: SocketAddress { listener.address }

    /// Builds all services of a node. Throws if the address cannot be bound, or if the stored cluster record does not
    /// fit the configuration.
    init(
        configuration: NodeConfiguration, loop: EventLoop, log: NodeLog, store: Store, partitions: Int,
        metrics: NodeMetrics
    ) throws(StartError) {
        self.configuration = configuration
        self.partitions = partitions
        self.loop = loop
        self.store = store
        registry = metrics.registry
        workers = WorkQueue(loop: loop)
        let listener = try Self.listen(on: configuration.bind, loop)
        self.listener = listener
        advertise = configuration.advertise ?? listener.address
        recorder = ClusterEventRecorder(registry: registry, log: log, nodeID: configuration.nodeID)
        tracing = Tracing(
            configuration.tracing, nodeID: configuration.nodeID, loop: loop, workers: workers, log: log,
            registry: registry)
        tables = LiveTables(states: store.tables, metrics: metrics.http)
        let clusterSpans = ClusterSpans(tracing)
        recorder.connect(tables: tables, store: store, spans: clusterSpans, exportsTraces: tracing.isExported)
        transport = HTTPPeerTransport(loop: loop, secret: configuration.cluster.secret)
        let cluster = configuration.cluster
        do {
            member = try ClusterNode(
                MemberDependencies(
                    MemberSettings(configuration, partitions: partitions, advertise: advertise),
                    store: LocalReplica(store: store, workers: workers, metrics: metrics.storage),
                    tables: store.tables, transport: transport, clock: SystemTimeSource(loop: loop),
                    random: SystemRandomNumberGenerator(), observer: recorder, tracer: clusterSpans),
                description: NodeDescription(store, configuration, advertise: advertise),
                rows: store.clusterRows,
                contradiction: { $0.contradiction(of: cluster, partitions: partitions) })
        } catch {
            transport.close()
            tracing.close()
            listener.close()
            throw StartError(error, directory: configuration.dataDirectory)
        }
    }

    /// Closes the transport, the tracing and the listening socket, if the start of the node fails after the services
    /// were built.
    func close() {
        transport.close()
        tracing.close()
        listener.close()
    }

    private static func listen(on address: SocketAddress, _ loop: EventLoop) throws(StartError) -> TCPListener {
        do {
            return try TCPListener(loop: loop, address: address)
        } catch {
            throw StartError("cannot listen: \(error); choose another address with --bind")
        }
    }
}

extension ClusterEventRecorder {
    /// Gives the recorder of cluster events what it reads and updates when an event arrives: the table list, the hint
    /// counts and the spans. Must be called before the cluster member can emit an event.
    fileprivate func connect(tables: LiveTables, store: Store, spans: ClusterSpans, exportsTraces: Bool) {
        onTableChange = { tables.merge($0, nowNanoseconds: EventLoop.monotonicNanoseconds()) }
        hintsPending = { store.hintTotals[$0]?.pending ?? 0 }
        onBootstrapped.append { spans.members = $0.members.map(\.nodeID) }
        self.exportsTraces = exportsTraces
    }
}

extension StartError {
    fileprivate init(_ error: MemberStartError, directory: String) {
        switch error {
        case .unreadableRecord:
            self.init(
                "cannot read the cluster record in \(directory): another version of hedgehogdb wrote it or it is "
                    + "damaged; start the version that wrote it, or start with an empty data directory")
        case .contradiction(let reason): self.init(reason)
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
