internal import ArgumentParser

struct ControlCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hedgehogctl",
        abstract: "Talks to one node of HedgehogDB.",
        discussion: """
            The node is the one that HEDGEHOG_URL names (\(ServerAddress.standard) without it), or --url. Any node of \
            a cluster answers for all of it.

            Exit code 0 means done, 1 that it was not (the reason is on standard error), 64 that the command was not \
            understood. A name, key or value that begins with a dash goes after --.
            """,
        groupedSubcommands: [
            CommandGroup(
                name: "Tables", subcommands: [CreateTable.self, ListTables.self, DeleteTable.self, Count.self]),
            CommandGroup(name: "Items", subcommands: [Get.self, Put.self, Delete.self, Scan.self]),
            CommandGroup(
                name: "Cluster",
                subcommands: [
                    StatusCommand.self, Ready.self, ClusterStatusCommand.self, ClusterNodes.self,
                    ReplicaNodesCommand.self, HintsCommand.self, TraceCommand.self,
                    AcceptDataLoss.self, AbandonFormation.self,
                ]),
        ],
        // With -h a key such as -dash would ask for help, and its write would look done.
        helpNames: .long)
}
