internal import Cluster

/// A client that creates one table and, if `deletes` is set, deletes it and creates it again until it is stopped.
final class TableClient {
    private let world: World
    private let nodes: [SimulatedNode]
    private let checker: InvariantChecker
    private let deletes: Bool
    private let name: TableName
    private var random: SeededRandom
    private var attempts = 0
    private var isRunning = true

    init(_ name: TableName, _ world: World, _ nodes: [SimulatedNode], _ checker: InvariantChecker, deletes: Bool) {
        self.name = name
        self.world = world
        self.nodes = nodes
        self.checker = checker
        self.deletes = deletes
        random = world.random.split()
    }

    func start() { create() }

    func stop() { isRunning = false }

    /// Creates the table. Repeats the request until a node answers that the table exists.
    private func create() {
        request("create") { [self] member, done in
            member.createTable(name, trace: .none) { [self] answer in
                checker.note("table \(name): answer to create: \(answer)")
                switch answer {
                case .done, .refused(.exists): done { self.pause { self.delete() } }
                default: done(nil)
                }
            }
        }
        // Sometimes a second client creates the same table at the same time.
        if random.chance(20) {
            request("concurrent create", once: true) { [self] member, _ in
                member.createTable(name, trace: .none) { [self] in
                    checker.note("table \(name): answer to concurrent create: \($0)")
                }
            }
        }
    }

    private func delete() {
        guard deletes, isRunning else { return }
        request("delete") { [self] member, done in
            let known = member.catalog.live(name)
            member.deleteTable(name, trace: .none) { [self] answer in
                checker.note("table \(name): answer to delete: \(answer)")
                switch answer {
                case .done:
                    if let known { checker.tableDeleted(known) }
                    done { self.pause { self.create() } }
                case .noTable: done { self.pause { self.create() } }
                default: done(nil)
                }
            }
        }
    }

    private func pause(_ next: @escaping () -> Void) {
        world.after(random.within(200...3_000) * 1000, next)
    }

    /// Sends a request to a random node, and repeats it with another node when it fails or gets no answer in time; with
    /// `once` it is not repeated. `send` receives a completion: it must be called with the next step of this client
    /// when the request succeeded, or with nil to repeat it.
    private func request(
        _ description: String, once: Bool = false,
        _ send: @escaping (ClusterNode, _ done: @escaping ((() -> Void)?) -> Void) -> Void
    ) {
        attempts += 1
        let attempt = attempts
        let retry = { [self] in
            guard !once, attempt == attempts else { return }
            request(description, send)
        }
        let node = random.pick(nodes)
        if let process = node.process, let member = node.member {
            process.after(random.skewed(20...1_000)) { [self] in
                guard member.record != nil else { return }
                checker.note("table \(name): \(description) through \(node.id)")
                send(member) { [self] next in
                    // An answer or timeout of an earlier attempt is ignored.
                    guard attempt == attempts else { return }
                    attempts += 1
                    if let next { next() } else { request(description, send) }
                }
            }
        }
        world.after(once ? 0 : random.within(1_000...6_000) * 1000, retry)
    }
}
