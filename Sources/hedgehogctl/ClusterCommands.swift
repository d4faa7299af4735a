internal import ArgumentParser

struct StatusCommand: ShowingCommand {
    typealias Answer = HealthAnswer
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Check that the node answers.")

    @OptionGroup var server: ServerOptions

    func call() -> Call { .health }
}

struct ReadyCommand: ShowingCommand {
    typealias Answer = ReadinessAnswer
    static let configuration = CommandConfiguration(
        commandName: "ready",
        abstract: "Check whether the node is ready for requests; if not, print the reasons and exit with code 1.")

    @OptionGroup var server: ServerOptions

    func call() -> Call { .ready }
}

struct ClusterStatusCommand: ShowingCommand {
    typealias Answer = ClusterStatus
    static let configuration = CommandConfiguration(
        commandName: "cluster-status", abstract: "Show the cluster's settings, members and repair state.")

    @OptionGroup var server: ServerOptions

    func call() -> Call { .clusterStatus }
}

struct ClusterNodesCommand: ShowingCommand {
    typealias Answer = NodeList
    static let configuration = CommandConfiguration(
        commandName: "cluster-nodes", abstract: "List the members and their states.")

    @OptionGroup var server: ServerOptions

    func call() -> Call { .clusterNodes }
}

struct ReplicaNodesCommand: ShowingCommand {
    typealias Answer = ReplicaNodes
    static let configuration = CommandConfiguration(
        commandName: "replica-nodes", abstract: "List the replicas of a key and the version that each one holds.")

    @Argument var table: String
    @Argument var key: String
    @OptionGroup var server: ServerOptions

    func validate() throws {
        try checkNotEmpty(table, "table's name")
        try checkNotEmpty(key, "key")
    }

    func call() -> Call { .replicaNodes(table, key) }
}

struct AbortBootstrapCommand: ShowingCommand {
    typealias Answer = Confirmation
    static let configuration = CommandConfiguration(
        commandName: "abort-bootstrap",
        abstract: "Abort an unfinished bootstrap: the node discards the cluster record that it has accepted.",
        discussion: """
            For nodes that cannot agree on a cluster record, as `hedgehogctl ready` reports. First correct the \
            settings of the nodes and restart them, then run this against each of them (--url). A node of a cluster \
            that has finished its bootstrap refuses. The node accepts this command from its own machine only, or with \
            the cluster secret.
            """)

    @OptionGroup var admin: AdminOptions
    @OptionGroup var server: ServerOptions

    func call() throws -> Call { .abortBootstrap(secret: try admin.secret()) }
}

/// The earlier name of `abort-bootstrap`, kept for existing scripts. A command of its own, because `--help` lists an
/// alias.
struct AbandonFormationCommand: ShowingCommand {
    typealias Answer = Confirmation
    static let configuration = CommandConfiguration(
        commandName: "abandon-formation", abstract: "The earlier name of abort-bootstrap.", shouldDisplay: false)

    @OptionGroup var admin: AdminOptions
    @OptionGroup var server: ServerOptions

    func call() throws -> Call { .abortBootstrap(secret: try admin.secret()) }
}
