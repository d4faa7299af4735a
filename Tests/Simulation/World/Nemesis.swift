internal import Cluster

/// Injects faults into a run at random times and for random durations. Faults may overlap. (The name is that of the
/// same component in Jepsen.)
final class Nemesis {
    private let world: World
    private let network: SimulatedNetwork
    private let nodes: [SimulatedNode]
    private let plan: Scenario.FaultPlan
    private let initialConditions: SimulatedNetwork.Conditions
    private var random: SeededRandom
    private var isRunning = false
    private(set) var counts = FaultCounts()
    /// The node whose disk was rolled back last, with the store id that the disk had then.
    private var lastRollback: (node: SimulatedNode, storeID: StoreID)?

    init(_ world: World, _ network: SimulatedNetwork, _ nodes: [SimulatedNode], _ plan: Scenario.FaultPlan) {
        self.world = world
        self.network = network
        self.nodes = nodes
        self.plan = plan
        initialConditions = network.conditions
        random = world.random.split()
    }

    func start() {
        isRunning = true
        scheduleNext()
    }

    /// Stops injecting faults and undoes those that have not ended. Wall clocks stay wrong unless the fault plan resets
    /// them.
    func undoAllFaults() {
        isRunning = false
        world.note("END   all faults")
        network.reconnectAll()
        network.conditions = initialConditions
        network.conditions.stragglerPercent = 0
        network.conditions.breakPercent = 0
        for node in nodes {
            node.thaw()
            repairDisk(of: node)
            node.disk.syncMicroseconds = SimulatedDisk.usualSyncMicroseconds
            node.clock.drift(perMillion: 0)
            if plan.resetsClocks { node.clock.setToTrueTime() }
            node.start()
        }
    }

    private func scheduleNext() {
        guard let interval = plan.intervalMilliseconds else { return }
        world.after(random.within(interval) * 1000) { [self] in
            guard isRunning else { return }
            inject(random.pick(plan.kinds))
            scheduleNext()
        }
    }

    private func inject(_ kind: Fault.Kind) {
        let node = random.pick(nodes)
        if kind == .lostDisk, !mayLoseDisk(of: node) { return }
        if kind == .diskRollback, !mayRollBackDisk(of: node) { return node.copyDisk() }
        if kind == .addressChange, !mayMove(node) { return }
        counts[kind] += 1
        switch kind {
        case .crash: crash([node])
        case .crashSeveral: if random.chance(30) { crash(nodes) } else { crash(someNodes()) }
        case .addressChange: move(node)
        case .freeze: freeze(node)
        case .cutOneWay: cut([(node, random.pick(nodes))])
        case .cutBothWays:
            let other = random.pick(nodes)
            cut([(node, other), (other, node)])
        case .isolation: isolate(node)
        case .partition: partitionNetwork()
        case .brokenDisk: failDisk(of: node, "the disk of \(node.id) fails", .broken)
        case .fullDisk: failDisk(of: node, "the disk of \(node.id) is full", .full)
        case .slowDisk: slowDisk(of: node)
        case .lostDisk: loseDisk(of: node)
        case .diskRollback: rollBackDisk(of: node)
        case .clockJump: jumpClock(of: node)
        case .clockDrift: driftClocks(of: node)
        case .degradedNetwork: degradeNetwork()
        }
    }

    /// Notes the beginning of a fault, and undoes it after a random duration unless all faults are undone before.
    private func begin(_ description: String, undo: @escaping () -> Void) {
        world.note("FAULT \(description)")
        world.after(random.within(plan.durationMilliseconds) * 1000) { [self] in
            guard isRunning else { return }
            world.note("END   \(description)")
            undo()
        }
    }

    private func someNodes() -> [SimulatedNode] {
        nodes.filter { _ in random.chance(50) }
    }
}

// The nemesis's faults that end or freeze processes, and those that lose or roll back their disks.
extension Nemesis {
    private func crash(_ victims: [SimulatedNode]) {
        let running = victims.filter { $0.process != nil }
        for node in running {
            node.kill()
            begin("\(node.id) crashes") { [self] in
                repairDisk(of: node)
                node.start()
            }
        }
    }

    /// Whether the disk of `node` may be lost or rolled back now. A cluster survives one lost disk at a time, so all
    /// nodes have to run, to be members, and to have recovered from the last loss. The fault plan must allow it, too.
    private func mayLoseDisk(of node: SimulatedNode) -> Bool {
        plan.losesDisks && node.process != nil && !hasUndetectedRollback
            && nodes.allSatisfy { other in
                guard let member = other.member, member.record != nil else { return false }
                // A node that has just started and that no peer has confirmed yet may still detect that its disk was
                // rolled back.
                return !member.isRecovering && !member.isUnconfirmed
            }
    }

    /// Whether the node whose disk was rolled back last has not detected it yet, for example because it considers all
    /// other members dead. A node that detects a rollback gives its store a new id.
    private var hasUndetectedRollback: Bool {
        lastRollback.map { $0.node.disk.storeID == $0.storeID } ?? false
    }

    private func loseDisk(of node: SimulatedNode) {
        node.kill()
        node.loseDisk()
        begin("\(node.id) loses its disk") { node.start() }
    }

    /// Whether the disk of `node` may be replaced by its earlier copy. All other members must have stored a later state
    /// of this disk durably: a rollback to a state that no member knows to be outdated cannot be detected.
    private func mayRollBackDisk(of node: SimulatedNode) -> Bool {
        guard mayLoseDisk(of: node), let copy = node.diskCopy else { return false }
        return nodes.allSatisfy { other in
            if other === node { return true }
            guard let row = other.disk.rows[.member(node.id)], let known = ClusterNode.latestState(in: row)
            else { return false }
            return known.storeID == copy.storeID
                && (known.bootCounter > copy.bootCounter || known.durableSequence > copy.sequence)
        }
    }

    private func rollBackDisk(of node: SimulatedNode) {
        node.kill()
        node.rollBackDisk()
        lastRollback = (node, node.disk.storeID)
        begin("\(node.id) restarts on an earlier copy of its disk") { node.start() }
    }

    /// Whether `node` may change its address. At most one node of a run may, so that the seed addresses of all others
    /// stay valid.
    private func mayMove(_ node: SimulatedNode) -> Bool {
        counts[.addressChange] == 0 && node.process != nil && nodes.allSatisfy { $0.member?.record != nil }
    }

    private func move(_ node: SimulatedNode) {
        node.kill()
        node.move()
        begin("\(node.id) moves to another address") { [self] in
            repairDisk(of: node)
            node.start()
        }
    }

    private func freeze(_ node: SimulatedNode) {
        guard let process = node.process, process.state == .running else { return }
        process.freeze()
        begin("\(node.id) is frozen") { node.thaw(process) }
    }
}

// The nemesis's faults of the network.
extension Nemesis {
    private func cut(_ pairs: [(SimulatedNode, SimulatedNode)]) {
        let pairs = pairs.filter { $0.0 !== $0.1 }
        guard !pairs.isEmpty else { return }
        for (from, to) in pairs { network.cut(from: from.index, to: to.index) }
        begin("the network drops " + pairs.map { "\($0.0.id)->\($0.1.id)" }.joined(separator: " ")) { [self] in
            for (from, to) in pairs { network.reconnect(from: from.index, to: to.index) }
        }
    }

    /// Cuts a node off from all others: what they send to it, what it sends to them, or both.
    private func isolate(_ node: SimulatedNode) {
        let others = nodes.filter { $0 !== node }
        let way = random.below(3)
        let outgoing = way == 0 ? [] : others.map { (node, $0) }
        let incoming = way == 1 ? [] : others.map { ($0, node) }
        cut(outgoing + incoming)
    }

    private func partitionNetwork() {
        let half = someNodes()
        let rest = nodes.filter { node in !half.contains { $0 === node } }
        cut(half.flatMap { left in rest.flatMap { [(left, $0), ($0, left)] } })
    }

    private func degradeNetwork() {
        network.conditions.breakPercent = Double(random.below(30))
        network.conditions.stragglerPercent = Double(random.below(30))
        network.conditions.repeatPercent = Double(random.below(30))
        begin("the network breaks, delays and repeats messages") { [self] in network.conditions = initialConditions }
    }
}

// The nemesis's faults of disks and clocks that leave the process running.
extension Nemesis {
    private func failDisk(of node: SimulatedNode, _ description: String, _ health: SimulatedDisk.Health) {
        node.disk.health = health
        begin(description) { [self] in repairDisk(of: node) }
    }

    private func repairDisk(of node: SimulatedNode) {
        node.disk.health = .good
        node.store?.reopen()
    }

    private func slowDisk(of node: SimulatedNode) {
        node.disk.syncMicroseconds = 20_000...800_000
        begin("the disk of \(node.id) is slow") {
            node.disk.syncMicroseconds = SimulatedDisk.usualSyncMicroseconds
        }
    }

    private func jumpClock(of node: SimulatedNode) {
        let milliseconds = random.within(-plan.clockJumpMilliseconds...plan.clockJumpMilliseconds)
        node.clock.jump(byMilliseconds: Int64(milliseconds))
        begin("the wall clock of \(node.id) jumps by \(milliseconds) ms") { [self] in
            // Half of the jumps of a wall clock are undone when the fault ends; the other half stay.
            if random.chance(50) { node.clock.jump(byMilliseconds: Int64(-milliseconds)) }
        }
    }

    private func driftClocks(of node: SimulatedNode) {
        let perMillion = random.within(-100_000...100_000)
        node.clock.drift(perMillion: Int64(perMillion))
        begin("the clocks of \(node.id) drift by \(perMillion) parts per million") {
            node.clock.drift(perMillion: 0)
        }
    }
}
