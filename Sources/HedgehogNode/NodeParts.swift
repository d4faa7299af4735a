internal import Cluster
internal import Observability
internal import Reactor
internal import Storage

/// What the API and the observers share of a running node. Bound to the loop.
final class NodeParts {
    let configuration: NodeConfiguration
    let loop: EventLoop
    let workers: WorkQueue
    let store: Store
    let coordinator: Coordinator
    let tables: TableDirectory
    let record: ClusterRecord
    let registry: MetricRegistry
    /// Where clients reach this node: the port is the kernel's choice if none was asked for.
    var address: SocketAddress
    var isDraining = false

    /// Where other nodes and a Prometheus reach this one.
    var advertise: SocketAddress { configuration.advertise ?? address }

    init(
        configuration: NodeConfiguration, loop: EventLoop, workers: WorkQueue, store: Store,
        coordinator: Coordinator, tables: TableDirectory, record: ClusterRecord, registry: MetricRegistry
    ) {
        self.configuration = configuration
        self.loop = loop
        self.workers = workers
        self.store = store
        self.coordinator = coordinator
        self.tables = tables
        self.record = record
        self.registry = registry
        address = configuration.bind
    }

    private static let diskFull = StoreState.refusing(.diskFull)

    var readinessChecks: [ReadinessCheck] {
        [
            ReadinessCheck(name: "storage", problem: store.state == Self.diskFull ? nil : store.state.problem),
            ReadinessCheck(name: "disk", problem: store.state == Self.diskFull ? store.state.problem : nil),
            // A lone node is formed, has its catalog, and has no clock to differ from before it listens at all.
            ReadinessCheck(name: "cluster", problem: nil),
            ReadinessCheck(name: "catalog", problem: nil),
            ReadinessCheck(name: "shutdown", problem: isDraining ? "the node is shutting down" : nil),
        ]
    }
}

extension StoreState {
    /// Why writes are refused; nil when they are not.
    var problem: String? {
        switch self {
        case .writable: nil
        case .refusing(.diskFull): "the disk is nearly full: writes are refused until there is space, reads go on"
        case .refusing(.inputOutput(let message)): "the disk failed, and the store is trying to reopen: \(message)"
        case .refusing(.queueFull): "too many writes wait for the disk"
        case .refusing(.closing): "the store is closing"
        }
    }
}
