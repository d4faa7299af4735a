internal import ArgumentParser

struct HintsCommand: CallingCommand {
    static let configuration = CommandConfiguration(
        commandName: "hints", abstract: "Show what the node keeps for members that missed writes.",
        discussion: """
            Stored is delivered plus superseded plus expired plus pending, since the node's folder was made. Every \
            node keeps hints of its own: ask each.
            """)

    @Option(help: "Also list up to this many hints of each member (at most 1000).") var limit: Int?
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

struct AcceptDataLoss: ShowingCommand {
    typealias Answer = Confirmation
    static let configuration = CommandConfiguration(
        abstract: "Let a node that lost its disk vote with what it has, for better or worse.",
        discussion: """
            For a node that stays recovering because too few others are left to learn from, as /readyz says. It is \
            asked at its own address (--url), and refuses to speak for another. The node takes it from its own \
            machine, or with the cluster's secret.
            """)

    @Argument(help: "The id of the node, so that no other is meant.") var node: String
    @Flag(help: "Do it. Without this, only what it costs is said.") var yes = false
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
        Output.complain("nothing was done; say --yes to go on")
        throw ExitCode(1)
    }

    private static func cost(_ node: String) -> String {
        """
        This makes \(node) vote with what its disk holds now, and is not undone.
        - Strong reads may miss acknowledged writes until anti-entropy has brought them to \(node).
        - Writes that no other replica holds are lost, and deletes that no other replica remembers are undone.
        If other members can still come back, start them instead: \(node) then becomes whole by itself.

        """
    }
}
