internal import Cluster
internal import HistoryChecker

/// One simulated run, determined by its seed. A cluster bootstraps, clients send requests while faults are injected,
/// the faults are undone, and the cluster has to converge. Then the invariants and the history of every key are
/// checked.
package final class Run {
    package struct Outcome: Sendable {
        package let seed: UInt64
        /// The first invariant that the run violated; nil if it violated none.
        package let failure: String?
        package let operations: Int
        package let strongOperations: Int
        package let faults: FaultCounts
        package let repairs: RepairCounts
        package let events: UInt64
        package let messages: UInt64
        package let transcriptHash: UInt64
        /// The lines of the transcript; empty unless the run keeps it.
        package let transcript: [String]

        package init(
            seed: UInt64, failure: String?, operations: Int, strongOperations: Int, faults: FaultCounts,
            repairs: RepairCounts, events: UInt64, messages: UInt64, transcriptHash: UInt64, transcript: [String]
        ) {
            self.seed = seed
            self.failure = failure
            self.operations = operations
            self.strongOperations = strongOperations
            self.faults = faults
            self.repairs = repairs
            self.events = events
            self.messages = messages
            self.transcriptHash = transcriptHash
            self.transcript = transcript
        }
    }

    /// The time limit for the bootstrap without faults, and for each step of the convergence.
    private static let convergenceTimeoutMicroseconds: UInt64 = 30_000_000

    private let seed: UInt64
    private let scenario: Scenario
    private let world: World
    private let network: SimulatedNetwork
    private let checker: InvariantChecker
    private let nodes: [SimulatedNode]
    private let clients: [SimulatedClient]
    private let tableClients: [TableClient]
    private let nemesis: Nemesis

    package init(seed: UInt64, scenario: Scenario? = nil, keepsTranscript: Bool = false) {
        self.seed = seed
        let scenario = scenario ?? Scenario(seed: seed)
        self.scenario = scenario
        let world = World(seed: seed, keepsTranscript: keepsTranscript)
        let checker = InvariantChecker(world, scenario)
        let network = SimulatedNetwork(world, addresses: (0..<scenario.members).map(SimulatedNode.address))
        network.conditions = scenario.networkConditions
        let nodes = (0..<scenario.members).map { SimulatedNode($0, scenario, world, network, checker) }
        checker.disks = { nodes.map(\.disk) }
        clients = (0..<scenario.clients).map { SimulatedClient($0 + 1, world, nodes, scenario, checker) }
        tableClients = ClientTables.names.prefix(scenario.tables).map {
            TableClient($0, world, nodes, checker, deletes: scenario.recreatesTables)
        }
        nemesis = Nemesis(world, network, nodes, scenario.faults)
        self.world = world
        self.checker = checker
        self.network = network
        self.nodes = nodes
    }

    package func execute() -> Outcome {
        world.note("\(scenario)")
        bootstrap()
        if scenario.hasExtraNode {
            undoFaultsWithExtraNode()
        } else {
            runClients()
            awaitConvergence()
            if checker.failure == nil { checker.checkDisks() }
            // The write queues get their usual limit again. Background work of the nodes may fill shorter ones, and a
            // request that fails for that is no violation.
            for node in nodes { node.store?.queueLimit = 200 }
            if checker.failure == nil { FinalConvergenceCheck(world, nodes, scenario, checker).run() }
        }
        if checker.failure == nil { checker.checkEndOfRun() }
        let outcome = Outcome(
            seed: seed, failure: checker.failure, operations: checker.operationCount,
            strongOperations: checker.strongCount, faults: nemesis.counts, repairs: checker.repairs,
            events: world.eventCount,
            messages: network.delivered, transcriptHash: world.transcript.hash, transcript: world.transcript.lines)
        // All processes are killed at the end, because a running process retains itself through its scheduled tick.
        for node in nodes { node.kill() }
        return outcome
    }
}

extension Run {
    private func bootstrap() {
        for node in nodes {
            world.after(world.random.below(2_000_000)) { node.start() }
        }
        if scenario.bootstrapsUnderFaults || scenario.hasExtraNode {
            nemesis.start()
            run(microseconds: 8_000_000)
        } else {
            waitUntil("the cluster does not finish its bootstrap") { $0.member?.record != nil }
            nemesis.start()
        }
    }

    /// With one node more than expected, any of the nodes may form the cluster, or none. The checker fails the run if
    /// two different clusters form.
    private func undoFaultsWithExtraNode() {
        nemesis.undoAllFaults()
        run(microseconds: 10_000_000)
    }

    private func runClients() {
        for client in tableClients { client.start() }
        for client in clients { client.start() }
        run(microseconds: UInt64(scenario.workMilliseconds) * 1000)
        for client in clients { client.stop() }
        for client in tableClients { client.stop() }
    }

    /// Undoes all faults and waits until the cluster has converged: all members alive, equal catalogs, recovered disks,
    /// no pending hints, equal replicas. Every request that was under way has been answered or has timed out by then.
    private func awaitConvergence() {
        nemesis.undoAllFaults()
        run(microseconds: scenario.timing.operationMilliseconds * 2_500 + 3_000_000)
        waitUntil("the cluster has not bootstrapped after all faults ended") { $0.member?.record != nil }
        waitUntil("a member does not see all others alive after all faults ended") { node in
            node.member?.members.allSatisfy { $0.state == .alive } ?? false
        }
        let digest = { (node: SimulatedNode) in node.member?.catalog.digest }
        waitUntil("the table catalogs do not converge") { digest($0) == digest(self.nodes[0]) }
        waitUntil("a member does not recover its disk after all faults ended") { $0.member?.isRecovering == false }
        waitUntil("hints stay pending after all faults ended") { node in
            node.disk.hintTotals.values.allSatisfy { $0.pending == 0 }
        }
        waitUntil("replicas do not converge after all faults ended") { self.agreesWithReplicas($0) }
        for node in nodes where checker.failure == nil { checkBounds(of: node) }
    }

    /// Whether the node holds the same versions as the other replicas of its partitions. Tombstones up to the highest
    /// purge mark are not compared.
    private func agreesWithReplicas(_ node: SimulatedNode) -> Bool {
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

    /// Checks a node after the run: it has no operations or spans of finished requests left, and its counters are
    /// consistent and within their bounds.
    private func checkBounds(of node: SimulatedNode) {
        guard let member = node.member, let store = node.store else { return checker.fail("\(node.id) is not running") }
        let id = node.id
        if member.operationsRunning > 0 { checker.fail("\(id) has \(member.operationsRunning) operations left over") }
        if let open = node.spanChecker?.unfinished.first { checker.fail("a span never ended on \(id): \(open)") }
        if member.waitingBytes > 0 { checker.fail("\(id) has \(member.waitingBytes) bytes left in its send queues") }
        for (target, totals) in node.disk.hintTotals {
            let held = node.disk.hints.keys.count { $0.target == target }
            if held != totals.pending { checker.fail("\(id) stores \(held) hints, but counts \(totals.pending)") }
        }
        if store.longestQueue > store.queueLimit { checker.fail("the write queue of \(id) exceeded its limit") }
    }

    private func run(microseconds: UInt64) {
        let end = world.now + microseconds
        while checker.failure == nil, world.now < end { world.run(until: min(end, world.now + 100_000)) }
    }

    /// Runs the simulation until `condition` holds on every node. Fails the run with `complaint` at the time limit.
    private func waitUntil(_ complaint: String, _ condition: (SimulatedNode) -> Bool) {
        let end = world.now + Self.convergenceTimeoutMicroseconds
        while checker.failure == nil, let waiting = nodes.first(where: { !condition($0) }) {
            guard world.now < end else { return checker.fail("\(complaint): \(waiting.id): \(waiting.problems)") }
            world.run(until: world.now + 100_000)
        }
    }
}
