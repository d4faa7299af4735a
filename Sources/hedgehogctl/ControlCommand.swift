internal import ArgumentParser

struct ControlCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hedgehogctl",
        abstract: "Command-line client for one HedgehogDB node.",
        discussion: """
            The node's address is --url, or else the environment variable HEDGEHOG_URL, or else \
            \(ServerAddress.standard). Tables and items of the whole cluster are reachable through any of its nodes.

            Exit codes: 0 the command succeeded; 1 it failed, and the reason is on standard error; 64 the arguments \
            are invalid. Put a name, key or value that begins with a dash after --.
            """,
        groupedSubcommands: [
            CommandGroup(
                name: "Tables",
                subcommands: [
                    CreateTableCommand.self, ListTablesCommand.self, DeleteTableCommand.self, CountCommand.self,
                ]),
            CommandGroup(
                name: "Items",
                subcommands: [GetCommand.self, PutCommand.self, DeleteCommand.self, ScanCommand.self]),
            CommandGroup(
                name: "Cluster",
                subcommands: [
                    StatusCommand.self, ReadyCommand.self, ClusterStatusCommand.self, ClusterNodesCommand.self,
                    ReplicaNodesCommand.self, HintsCommand.self, TraceCommand.self,
                    AcceptDataLossCommand.self, AbortBootstrapCommand.self, AbandonFormationCommand.self,
                ]),
        ],
        // The help option -h is not accepted: a key such as -handle would print the help and exit with 0, as if the
        // command had been executed.
        helpNames: .long)
}
