internal import Cluster

/// Does harm, at random moments, for random spans, and sometimes several at once.
final class Nemesis {
    private let world: World
    private let network: SimulatedNetwork
    private let nodes: [SimulatedNode]
    private let plan: Scenario.FaultPlan
    private let calmWeather: SimulatedNetwork.Weather
    private var random: SeededRandom
    private var isAtWork = false
    private(set) var counts = FaultCounts()
    /// The last that was given an old disk, with the store id of that.
    private var restored: (node: SimulatedNode, storeID: StoreID)?

    init(_ world: World, _ network: SimulatedNetwork, _ nodes: [SimulatedNode], _ plan: Scenario.FaultPlan) {
        self.world = world
        self.network = network
        self.nodes = nodes
        self.plan = plan
        calmWeather = network.weather
        random = world.random.split()
    }

    func start() {
        isAtWork = true
        scheduleNext()
    }

    /// Undoes all harm but the error of the clocks, unless these matter.
    func healAll() {
        isAtWork = false
        world.note("HEAL  everything")
        network.mendAll()
        network.weather = calmWeather
        network.weather.stragglerPercent = 0
        network.weather.breakPercent = 0
        for node in nodes {
            node.thaw()
            mendDisk(of: node)
            node.disk.syncMicroseconds = SimulatedDisk.usualSyncMicroseconds
            node.clock.drift(perMillion: 0)
            if plan.setsClocks { node.clock.setRight() }
            node.start()
        }
    }

    private func scheduleNext() {
        guard let gap = plan.gapMilliseconds else { return }
        world.after(random.within(gap) * 1000) { [self] in
            guard isAtWork else { return }
            strike(random.pick(plan.kinds))
            scheduleNext()
        }
    }

    private func strike(_ kind: Fault.Kind) {
        let node = random.pick(nodes)
        if kind == .lostDisk, !mayLoseDisk(of: node) { return }
        if kind == .oldDisk, !mayGoBack(node) { return node.copyDisk() }
        if kind == .move, !mayMove(node) { return }
        counts[kind] += 1
        switch kind {
        case .crash: crash([node])
        case .crashOfAll: if random.chance(30) { crash(nodes) } else { crash(someNodes()) }
        case .move: move(node)
        case .freeze: freeze(node)
        case .cutOneWay: cut([(node, random.pick(nodes))])
        case .cutBothWays:
            let other = random.pick(nodes)
            cut([(node, other), (other, node)])
        case .isolation: isolate(node)
        case .split: split()
        case .brokenDisk: harm(node, "disk of \(node.id) breaks", .broken)
        case .fullDisk: harm(node, "disk of \(node.id) is full", .full)
        case .slowDisk: slow(node)
        case .lostDisk: lose(diskOf: node)
        case .oldDisk: goBack(node)
        case .clockJump: jump(node)
        case .clockDrift: drift(node)
        case .badWeather: storm()
        }
    }

    /// Notes the beginning, and ends it after a while, unless everything has been healed by then.
    private func begin(_ what: String, undo: @escaping () -> Void) {
        world.note("FAULT \(what)")
        world.after(random.within(plan.lastsMilliseconds) * 1000) { [self] in
            guard isAtWork else { return }
            world.note("END   \(what)")
            undo()
        }
    }

    private func someNodes() -> [SimulatedNode] {
        nodes.filter { _ in random.chance(50) }
    }
}

// Processes.
extension Nemesis {
    private func crash(_ victims: [SimulatedNode]) {
        let running = victims.filter { $0.process != nil }
        for node in running {
            node.kill()
            begin("\(node.id) crashes") { [self] in
                mendDisk(of: node)
                node.start()
            }
        }
    }

    /// One disk at a time, the next when all are whole again, of a cluster that is formed and keeps what it
    /// acknowledges on more than one.
    private func mayLoseDisk(of node: SimulatedNode) -> Bool {
        plan.losesDisk && node.process != nil && !someDiskIsOld
            && nodes.allSatisfy { other in
                guard let member = other.member, member.record != nil else { return false }
                // One that has just started may learn yet that its disk is an old one.
                return !member.isRecovering && !member.isUnconfirmed
            }
    }

    /// Of a node that has not been told yet, for instance because it takes all others for dead.
    private var someDiskIsOld: Bool {
        restored.map { $0.node.disk.storeID == $0.storeID } ?? false
    }

    private func lose(diskOf node: SimulatedNode) {
        node.kill()
        node.loseDisk()
        begin("\(node.id) loses its disk") { node.start() }
    }

    /// There is a copy, made while the disk was good, and all others remember a later state, durably: one that nobody
    /// remembers cannot be told from a good one.
    private func mayGoBack(_ node: SimulatedNode) -> Bool {
        guard mayLoseDisk(of: node), let copy = node.diskCopy else { return false }
        return nodes.allSatisfy { other in
            if other === node { return true }
            guard let row = other.disk.rows[.member(node.id)], let known = ClusterNode.latestState(in: row)
            else { return false }
            return known.storeID == copy.storeID
                && (known.bootCounter > copy.bootCounter || known.durableSequence > copy.sequence)
        }
    }

    private func goBack(_ node: SimulatedNode) {
        node.kill()
        node.restoreDisk()
        restored = (node, node.disk.storeID)
        begin("\(node.id) is given an old copy of its disk") { node.start() }
    }

    /// One node in a run, which the others can still tell where it is now.
    private func mayMove(_ node: SimulatedNode) -> Bool {
        counts[.move] == 0 && node.process != nil && nodes.allSatisfy { $0.member?.record != nil }
    }

    private func move(_ node: SimulatedNode) {
        node.kill()
        node.move()
        begin("\(node.id) moves to another address") { [self] in
            mendDisk(of: node)
            node.start()
        }
    }

    private func freeze(_ node: SimulatedNode) {
        guard let process = node.process, process.state == .running else { return }
        process.freeze()
        begin("\(node.id) is frozen") { node.thaw(process) }
    }
}

// The network.
extension Nemesis {
    private func cut(_ pairs: [(SimulatedNode, SimulatedNode)]) {
        let pairs = pairs.filter { $0.0 !== $0.1 }
        guard !pairs.isEmpty else { return }
        for (from, to) in pairs { network.cut(from: from.index, to: to.index) }
        begin("cut " + pairs.map { "\($0.0.id)->\($0.1.id)" }.joined(separator: " ")) { [self] in
            for (from, to) in pairs { network.mend(from: from.index, to: to.index) }
        }
    }

    private func isolate(_ node: SimulatedNode) {
        let others = nodes.filter { $0 !== node }
        // Deaf, dumb, or both.
        let way = random.below(3)
        let heard = way == 0 ? [] : others.map { (node, $0) }
        let told = way == 1 ? [] : others.map { ($0, node) }
        cut(heard + told)
    }

    private func split() {
        let half = someNodes()
        let rest = nodes.filter { node in !half.contains { $0 === node } }
        cut(half.flatMap { left in rest.flatMap { [(left, $0), ($0, left)] } })
    }

    private func storm() {
        network.weather.breakPercent = Double(random.below(30))
        network.weather.stragglerPercent = Double(random.below(30))
        network.weather.repeatPercent = Double(random.below(30))
        begin("the network is bad") { [self] in network.weather = calmWeather }
    }
}

// Machines.
extension Nemesis {
    private func harm(_ node: SimulatedNode, _ what: String, _ health: SimulatedDisk.Health) {
        node.disk.health = health
        begin(what) { [self] in mendDisk(of: node) }
    }

    private func mendDisk(of node: SimulatedNode) {
        node.disk.health = .good
        node.store?.reopen()
    }

    private func slow(_ node: SimulatedNode) {
        node.disk.syncMicroseconds = 20_000...800_000
        begin("disk of \(node.id) is slow") {
            node.disk.syncMicroseconds = SimulatedDisk.usualSyncMicroseconds
        }
    }

    private func jump(_ node: SimulatedNode) {
        let milliseconds = random.within(-plan.jumpMilliseconds...plan.jumpMilliseconds)
        node.clock.jump(byMilliseconds: Int64(milliseconds))
        begin("wall clock of \(node.id) jumps by \(milliseconds) ms") { [self] in
            // Set right again, or left where it is.
            if random.chance(50) { node.clock.jump(byMilliseconds: Int64(-milliseconds)) }
        }
    }

    private func drift(_ node: SimulatedNode) {
        let perMillion = random.within(-100_000...100_000)
        node.clock.drift(perMillion: Int64(perMillion))
        begin("clocks of \(node.id) run off by \(perMillion) parts in a million") {
            node.clock.drift(perMillion: 0)
        }
    }
}
