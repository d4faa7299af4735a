internal import Cluster
internal import Observability
internal import Reactor
internal import Storage

/// What the API and the observers share of a running node. Bound to the loop.
final class NodeServices {
    let configuration: NodeConfiguration
    /// Of this data directory, and so of the cluster.
    let partitions: Int
    let loop: EventLoop
    let workers: WorkQueue
    let store: Store
    let tables: TableDirectory
    let news: ClusterEventRecorder
    let tracing: Tracing
    let registry: MetricRegistry
    private(set) var presence: Presence?
    var isDraining = false

    /// Where the node is found, and the member of the cluster that it is.
    struct Presence {
        let member: ClusterNode
        let transport: HTTPPeerTransport
        /// Where clients reach this node: the port is the kernel's choice if none was asked for.
        let address: SocketAddress
        /// Where other nodes and a Prometheus reach it.
        let advertise: SocketAddress
    }

    init(
        configuration: NodeConfiguration, partitions: Int, loop: EventLoop, workers: WorkQueue, store: Store,
        tables: TableDirectory, news: ClusterEventRecorder, tracing: Tracing, registry: MetricRegistry
    ) {
        self.configuration = configuration
        self.partitions = partitions
        self.loop = loop
        self.workers = workers
        self.store = store
        self.tables = tables
        self.news = news
        self.tracing = tracing
        self.registry = registry
    }

    /// Once, in the turn in which the server begins to listen: so before any request is looked at.
    func appear(_ presence: Presence) {
        precondition(self.presence == nil, "a node takes its place once")
        self.presence = presence
    }

    private var place: Presence {
        guard let presence else { preconditionFailure("a request came before the node had an address") }
        return presence
    }

    var member: ClusterNode { place.member }
    var address: SocketAddress { place.address }
    var advertise: SocketAddress { place.advertise }
}
