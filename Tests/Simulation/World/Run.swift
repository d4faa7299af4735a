internal import Cluster
internal import HistoryChecker

/// One seed: a cluster is formed, clients work while things go wrong, all is healed, and what happened is judged.
package final class Run {
    package struct Outcome: Sendable {
        package let seed: UInt64
        /// Nil when every promise was kept.
        package let failure: String?
        package let operations: Int
        package let strongOperations: Int
        package let faults: FaultCounts
        package let healing: Healing
        package let events: UInt64
        package let messages: UInt64
        package let transcriptHash: UInt64
        /// Only if it was asked for.
        package let transcript: [String]

        package init(
            seed: UInt64, failure: String?, operations: Int, strongOperations: Int, faults: FaultCounts,
            healing: Healing, events: UInt64, messages: UInt64, transcriptHash: UInt64, transcript: [String]
        ) {
            self.seed = seed
            self.failure = failure
            self.operations = operations
            self.strongOperations = strongOperations
            self.faults = faults
            self.healing = healing
            self.events = events
            self.messages = messages
            self.transcriptHash = transcriptHash
            self.transcript = transcript
        }
    }

    /// More than any forming, healing or answering needs, when nothing stands in the way.
    private static let patienceMicroseconds: UInt64 = 30_000_000

    private let seed: UInt64
    private let scenario: Scenario
    private let world: World
    private let network: SimulatedNetwork
    private let watch: Watch
    private let nodes: [SimulatedNode]
    private let clients: [SimulatedClient]
    private let tableClients: [TableClient]
    private let nemesis: Nemesis

    package init(seed: UInt64, scenario: Scenario? = nil, keepsTranscript: Bool = false) {
        self.seed = seed
        let scenario = scenario ?? Scenario(seed: seed)
        self.scenario = scenario
        let world = World(seed: seed, keepsTranscript: keepsTranscript)
        let watch = Watch(world, scenario)
        let network = SimulatedNetwork(world, addresses: (0..<scenario.members).map(SimulatedNode.address))
        network.weather = scenario.weather
        let nodes = (0..<scenario.members).map { SimulatedNode($0, scenario, world, network, watch) }
        watch.disks = { nodes.map(\.disk) }
        clients = (0..<scenario.clients).map { SimulatedClient($0 + 1, world, nodes, scenario, watch) }
        tableClients = Table.names.prefix(scenario.tables).map {
            TableClient($0, world, nodes, watch, deletes: scenario.tablesCome)
        }
        nemesis = Nemesis(world, network, nodes, scenario.faults)
        self.world = world
        self.watch = watch
        self.network = network
        self.nodes = nodes
    }

    package func play() -> Outcome {
        world.note("\(scenario)")
        form()
        if scenario.hasStranger {
            mingle()
        } else {
            work()
            heal()
            if watch.failure == nil { watch.judgeDisks() }
            // What nodes do on their own account may fill the shortest of queues; that is no fault of theirs.
            for node in nodes { node.store?.queueLimit = 200 }
            if watch.failure == nil { LastWord(world, nodes, scenario, watch).hear() }
        }
        if watch.failure == nil { watch.judge() }
        let outcome = Outcome(
            seed: seed, failure: watch.failure, operations: watch.operationCount,
            strongOperations: watch.strongCount, faults: nemesis.counts, healing: watch.healing,
            events: world.eventCount,
            messages: network.delivered, transcriptHash: world.transcript.hash, transcript: world.transcript.lines)
        // Processes hold themselves until they die.
        for node in nodes { node.kill() }
        return outcome
    }
}

extension Run {
    private func form() {
        for node in nodes {
            world.after(world.random.below(2_000_000)) { node.start() }
        }
        if scenario.formsUnderFaults || scenario.hasStranger {
            nemesis.start()
            run(microseconds: 8_000_000)
        } else {
            // Nobody serves yet, so nothing needs to have happened before faults may begin.
            until("the cluster does not form") { $0.member?.record != nil }
            nemesis.start()
        }
    }

    /// One node too many: who forms a cluster with whom is open, and even whether anyone does. But not with two.
    private func mingle() {
        nemesis.healAll()
        run(microseconds: 10_000_000)
    }

    private func work() {
        for client in tableClients { client.start() }
        for client in clients { client.start() }
        run(microseconds: UInt64(scenario.workMilliseconds) * 1000)
        for client in clients { client.stop() }
        for client in tableClients { client.stop() }
    }

    /// Afterwards whatever was under way has met its fate.
    private func heal() {
        nemesis.healAll()
        run(microseconds: scenario.timing.operationMilliseconds * 2_500 + 3_000_000)
        until("the cluster is not formed though all is healed") { $0.member?.record != nil }
        until("members do not find one another though all is healed") { node in
            node.member?.members.allSatisfy { $0.state == .alive } ?? false
        }
        let digest = { (node: SimulatedNode) in node.member?.catalog.digest }
        until("the catalogs stay different") { digest($0) == digest(self.nodes[0]) }
        until("a member does not become whole though all is healed") { $0.member?.isRecovering == false }
        until("hints stay though all is healed") { node in
            node.disk.hintTotals.values.allSatisfy { $0.pending == 0 }
        }
        until("replicas stay different though all is healed") { self.agrees($0) }
        for node in nodes where watch.failure == nil { checkBounds(of: node) }
    }

    /// Whether it holds what the other replicas of its partitions do, but for tombstones that may be forgotten.
    private func agrees(_ node: SimulatedNode) -> Bool {
        guard let member = node.member, let record = member.record else { return false }
        return record.partitionIDs.allSatisfy { partition in
            let replicas = member.replicas(of: partition).map { self.nodes[$0] }
            guard replicas.contains(where: { $0 === node }) else { return true }
            let purged = replicas.map { $0.disk.mark(of: partition).purged }.max() ?? HybridTimestamp(rawValue: 0)
            return replicas.allSatisfy { other in
                node.disk.versions(of: partition, record.partitions, purged: purged)
                    == other.disk.versions(of: partition, record.partitions, purged: purged)
            }
        }
    }

    private func checkBounds(of node: SimulatedNode) {
        guard let member = node.member, let store = node.store else { return watch.fail("\(node.id) does not run") }
        if member.operationsRunning > 0 { watch.fail("\(member.operationsRunning) operations hang on \(node.id)") }
        if let open = node.work?.unfinished.first { watch.fail("work never ended on \(node.id): \(open)") }
        if member.waitingBytes > 0 { watch.fail("\(member.waitingBytes) bytes wait for ever on \(node.id)") }
        for (target, totals) in node.disk.hintTotals {
            let held = node.disk.hints.keys.count { $0.target == target }
            if held != totals.pending { watch.fail("\(node.id) has \(held) hints and accounts for \(totals.pending)") }
        }
        if store.longestQueue > store.queueLimit { watch.fail("the queue of \(node.id) has no bound") }
    }

    private func run(microseconds: UInt64) {
        let end = world.now + microseconds
        while watch.failure == nil, world.now < end { world.run(until: min(end, world.now + 100_000)) }
    }

    /// Waits until it is so on every node.
    private func until(_ complaint: String, _ isSo: (SimulatedNode) -> Bool) {
        let end = world.now + Self.patienceMicroseconds
        while watch.failure == nil, let doubtful = nodes.first(where: { !isSo($0) }) {
            guard world.now < end else {
                let problems = doubtful.problems
                return watch.fail("\(complaint): \(doubtful.id): \(problems)")
            }
            world.run(until: world.now + 100_000)
        }
    }
}
