internal import ArgumentParser

struct HintsCommand: CallingCommand {
    static let configuration = CommandConfiguration(
        commandName: "hints", abstract: "Show the hints that the node holds for members that missed writes.",
        discussion: """
            The counts cover the whole life of the node's data directory, and STORED = DELIVERED + SUPERSEDED + \
            EXPIRED + PENDING. Each node holds its own hints, so run this against every node (--url).
            """)

    @Option(help: "Also list up to this many hints for each member, at most 1000.") var limit: Int?
    @OptionGroup var server: ServerOptions

    func call() -> Call { .hints(limit: limit) }

    func run() throws {
        try server.run { session in
            let response = try session.answer(to: call())
            guard !session.showsJSON else { return try session.output.write(response.body) }
            let backlog = try HintBacklog(decodingJSON: response.body)
            try session.output.write(limit == nil ? backlog.text : backlog.text + "\n" + backlog.list)
        }
    }
}

struct AcceptDataLossCommand: ShowingCommand {
    typealias Answer = Confirmation
    static let configuration = CommandConfiguration(
        commandName: "accept-data-loss",
        abstract: "End the recovery of a node that lost its disk, and accept the loss of what it has not recovered.",
        discussion: """
            For a node that cannot finish its recovery because too few replicas are left to copy from, as \
            `hedgehogctl ready` reports. Run this against the node itself (--url); another node refuses it. The node \
            accepts this command from its own machine only, or with the cluster secret.
            """)

    @Argument(help: "The id of the node, as a safeguard against the wrong --url.") var node: String
    @Flag(help: "End the recovery. Without this flag, only the consequences are printed.") var yes = false
    @OptionGroup var admin: AdminOptions
    @OptionGroup var server: ServerOptions

    func validate() throws {
        try checkNotEmpty(node, "node's id")
    }

    func call() throws -> Call { .acceptDataLoss(node, secret: try admin.secret()) }

    func run() throws {
        if yes { return try show() }
        let output = Output()
        try output.write(Self.cost(printable(node)))
        try output.flush()
        Output.complain("nothing was changed; repeat the command with --yes to end the recovery")
        throw ExitCode(1)
    }

    private static func cost(_ node: String) -> String {
        """
        This ends the recovery of \(node): it votes in quorums with what its disk holds now. It cannot be undone.
        - Strong reads may miss acknowledged writes until anti-entropy has copied them to \(node).
        - Writes that no other replica holds are lost, and deletes whose tombstone no other replica holds are undone.
        If other members can still be started, start them instead: \(node) then finishes its recovery by itself.

        """
    }
}
