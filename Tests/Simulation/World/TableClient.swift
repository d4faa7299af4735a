internal import Cluster

/// Makes tables, and in some runs deletes them and makes them again.
final class TableClient {
    private let world: World
    private let nodes: [SimulatedNode]
    private let watch: Watch
    private let deletes: Bool
    private let name: TableName
    private var random: SeededRandom
    private var attempts = 0
    private var isAtWork = true

    init(_ name: TableName, _ world: World, _ nodes: [SimulatedNode], _ watch: Watch, deletes: Bool) {
        self.name = name
        self.world = world
        self.nodes = nodes
        self.watch = watch
        self.deletes = deletes
        random = world.random.split()
    }

    func start() { create() }

    func stop() { isAtWork = false }

    /// Until one node has said that it is there.
    private func create() {
        ask("create") { [self] member, done in
            member.createTable(name, trace: .none) { [self] answer in
                watch.noted("table \(name): create: \(answer)")
                switch answer {
                case .done, .refused(.exists): done { self.rest { self.delete() } }
                default: done(nil)
                }
            }
        }
        // Sometimes a second client has the same wish at the same time.
        if random.chance(20) {
            ask("create too", once: true) { [self] member, _ in
                member.createTable(name, trace: .none) { [self] in watch.noted("table \(name): create too: \($0)") }
            }
        }
    }

    private func delete() {
        guard deletes, isAtWork else { return }
        ask("delete") { [self] member, done in
            let known = member.catalog.live(name)
            member.deleteTable(name, trace: .none) { [self] answer in
                watch.noted("table \(name): delete: \(answer)")
                switch answer {
                case .done:
                    if let known { watch.deleted(known) }
                    done { self.rest { self.create() } }
                case .noTable: done { self.rest { self.create() } }
                default: done(nil)
                }
            }
        }
    }

    private func rest(_ next: @escaping () -> Void) {
        world.after(random.within(200...3_000) * 1000, next)
    }

    /// Asks any node, and another one when that does not answer or cannot. `deed` is given what to call with the next
    /// step, or with nil to try again.
    private func ask(
        _ what: String, once: Bool = false,
        _ deed: @escaping (ClusterNode, _ done: @escaping ((() -> Void)?) -> Void) -> Void
    ) {
        attempts += 1
        let attempt = attempts
        let again = { [self] in
            // Whatever answers an attempt that was given up is late.
            guard !once, attempt == attempts else { return }
            ask(what, deed)
        }
        let node = random.pick(nodes)
        if let process = node.process, let member = node.member {
            process.after(random.skewed(20...1_000)) { [self] in
                guard member.record != nil else { return }
                watch.noted("table \(name): \(what) on \(node.id)")
                deed(member) { [self] next in
                    guard attempt == attempts else { return }
                    attempts += 1
                    if let next { next() } else { ask(what, deed) }
                }
            }
        }
        world.after(once ? 0 : random.within(1_000...6_000) * 1000, again)
    }
}
