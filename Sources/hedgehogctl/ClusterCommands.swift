internal import ArgumentParser

struct StatusCommand: ShowingCommand {
    typealias Answer = Health
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say whether the node answers at all.")

    @OptionGroup var server: ServerOptions

    func call() -> Call { .health }
}

struct Ready: ShowingCommand {
    typealias Answer = Readiness
    static let configuration = CommandConfiguration(
        abstract: "Say whether the node is ready for requests, and if not, why (exit code 1).")

    @OptionGroup var server: ServerOptions

    func call() -> Call { .ready }
}

struct ClusterStatusCommand: ShowingCommand {
    typealias Answer = ClusterStatus
    static let configuration = CommandConfiguration(
        commandName: "cluster-status", abstract: "Show the cluster as the node sees it.")

    @OptionGroup var server: ServerOptions

    func call() -> Call { .clusterStatus }
}

struct ClusterNodes: ShowingCommand {
    typealias Answer = NodeList
    static let configuration = CommandConfiguration(abstract: "List the members and their states.")

    @OptionGroup var server: ServerOptions

    func call() -> Call { .clusterNodes }
}

struct ReplicaNodesCommand: ShowingCommand {
    typealias Answer = ReplicaNodes
    static let configuration = CommandConfiguration(
        commandName: "replica-nodes", abstract: "Say which nodes hold a key, and each one's version of it.")

    @Argument var table: String
    @Argument var key: String
    @OptionGroup var server: ServerOptions

    func validate() throws {
        try checkNotEmpty(table, "table's name")
        try checkNotEmpty(key, "key")
    }

    func call() -> Call { .replicaNodes(table, key) }
}

struct AbandonFormation: ShowingCommand {
    typealias Answer = Confirmation
    static let configuration = CommandConfiguration(
        abstract: "Let a node that is in no formed cluster forget the one it has begun to form.",
        discussion: """
            For nodes that agree on no record, as /readyz says: correct their settings, restart them, and give this to \
            each. A formed cluster is refused. The node takes it from its own machine, or with the cluster's secret.
            """)

    @OptionGroup var admin: AdminOptions
    @OptionGroup var server: ServerOptions

    func call() throws -> Call { .abandonFormation(secret: try admin.secret()) }
}
