internal import Cluster

/// One machine: its clocks and, unless that is lost, its disk for the whole run, and on it one process after another.
final class SimulatedNode {
    let index: Int
    let id: NodeID
    private(set) var disk: SimulatedDisk
    /// What the disk held some time ago.
    private(set) var diskCopy: SimulatedDisk?
    let clock: SimulatedTimeSource
    private(set) var process: SimulatedProcess?
    private(set) var store: SimulatedStore?
    private(set) var member: ClusterNode?
    /// Of the process that runs.
    private(set) var work: WatchedWork?
    private var address: String
    private let settings: MemberSettings
    private let world: World
    private let network: SimulatedNetwork
    private let watch: Watch
    private let coldPercent: Double
    private let queueLimit: Int
    private let hintBudgetBytes: UInt64

    init(_ index: Int, _ scenario: Scenario, _ world: World, _ network: SimulatedNetwork, _ watch: Watch) {
        self.index = index
        self.world = world
        self.network = network
        self.watch = watch
        coldPercent = scenario.coldPercent
        queueLimit = scenario.queueLimit
        hintBudgetBytes = scenario.hintBudgetBytes
        id = Self.id(index)
        address = Self.address(index)
        settings = scenario.settings(of: index, &world.random)
        disk = SimulatedDisk(storeID: StoreID(using: &world.random))
        let error = scenario.clockErrorMilliseconds
        clock = SimulatedTimeSource(world, offsetMilliseconds: Int64(world.random.within(-error...error)))
    }

    static func id(_ index: Int) -> NodeID { "node-\(index + 1)" }
    static func address(_ index: Int) -> String { "10.0.0.\(index + 1):8080" }

    /// Nothing happens when a process runs already.
    func start() {
        guard process == nil else { return }
        disk.countBoot()
        let process = SimulatedProcess(world, node: index)
        let store = SimulatedStore(disk, process, world, clock, partitions: settings.partitions)
        store.coldPercent = coldPercent
        store.queueLimit = queueLimit
        store.hintBudgetBytes = hintBudgetBytes
        world.note("START \(id), for the \(disk.bootCounter). time")
        let work = WatchedWork(id, watch)
        let member: ClusterNode
        do throws(MemberStartError) {
            member = try boot(process, store, work)
        } catch {
            return watch.fail("\(id) does not start: \(error)")
        }
        store.reopened = { tables in member.adopt(tables) }
        store.delivered = { [watch, id] hint in watch.delivered(hint, by: id) }
        process.endIteration = { member.endIteration() }
        network.listen(process) { message, lane, completion in
            member.receive(message, over: lane) { completion($0.mapError { .rejected($0.reason) }) }
        }
        self.process = process
        self.store = store
        self.member = member
        self.work = work
        tick(process, member)
    }

    private func boot(
        _ process: SimulatedProcess, _ store: SimulatedStore, _ work: WatchedWork
    ) throws(MemberStartError) -> ClusterNode {
        // Drawn in this order, which a seed's history depends on.
        let description = NodeDescription(
            nodeID: id, address: address, storeID: disk.storeID, bootCounter: disk.bootCounter,
            bootNonce: world.random.next(), durableSequence: disk.sequence)
        let random = world.random.split()
        return try ClusterNode(
            MemberDependencies(
                settings, store: store, tables: disk.catalog, transport: SimulatedTransport(network, process),
                clock: clock, random: random, observer: WatchedMember(id, watch), tracer: work),
            description: description, rows: disk.rows)
    }

    private func tick(_ process: SimulatedProcess, _ member: ClusterNode) {
        process.after(Int(ClusterNode.tickMilliseconds) * 1000) { [self] in
            member.tick()
            tick(process, member)
        }
    }

    /// As by `kill -9`, or as by a power cut.
    func kill() {
        guard let process else { return }
        process.die()
        store?.crash()
        network.stopListening(process)
        watch.died(process)
        self.process = nil
        store = nil
        member = nil
        work = nil
    }

    /// What it says of itself.
    var problems: String {
        guard let member else { return "it does not run" }
        let recovery = member.recovery.map { [$0.explanation] } ?? []
        return (member.bootstrapProblems + recovery).joined(separator: "; ")
    }

    /// Everything on it is gone. Only while no process runs.
    func loseDisk() {
        precondition(process == nil, "a disk is not lost under a process")
        disk = SimulatedDisk(storeID: StoreID(using: &world.random))
        diskCopy = nil
        watch.lostDisk()
    }

    /// Unless there is a copy already.
    func copyDisk() { diskCopy = diskCopy ?? SimulatedDisk(copying: disk) }

    /// The copy takes the place of the disk. Only while no process runs.
    func restoreDisk() {
        precondition(process == nil, "a disk is not changed under a process")
        guard let copy = diskCopy.take() else { preconditionFailure("there is no copy of the disk") }
        disk = copy
        watch.lostDisk()
    }

    /// Its next process listens elsewhere.
    func move() {
        precondition(process == nil, "a process does not change its address")
        address = "10.1.0.\(index + 1):8080"
        network.move(index, to: address)
    }

    /// Only if it is the process that was frozen and still is.
    func thaw(_ frozen: SimulatedProcess? = nil) {
        guard let process, process.state == .frozen, frozen == nil || frozen === process else { return }
        process.thaw()
    }
}

extension Scenario {
    fileprivate func settings(of index: Int, _ random: inout SeededRandom) -> MemberSettings {
        // Somebody else, or everybody: all must come to the same. The next one always, so that nobody is an island.
        let next = (index + 1) % members
        let seeds = (0..<members).filter { $0 != index && (random.chance(60) || $0 == next) }
        var settings = MemberSettings(
            nodeID: SimulatedNode.id(index), seeds: seeds.map(SimulatedNode.address),
            bootstrapExpect: hasStranger ? members - 1 : members,
            replicas: replicas, readQuorum: readQuorum, writeQuorum: writeQuorum, partitions: partitions,
            gcGraceMilliseconds: gcGraceMilliseconds, hintWindowMilliseconds: gcGraceMilliseconds / 2)
        settings.operationTimeoutMilliseconds = timing.operationMilliseconds
        settings.replicaTimeoutMilliseconds = timing.replicaMilliseconds
        settings.heartbeatIntervalMilliseconds = timing.heartbeatMilliseconds
        settings.failureTimeoutMilliseconds = timing.failureMilliseconds
        settings.antiEntropyIntervalMilliseconds = comparisonMilliseconds
        settings.recentWriteSlots = 1 << 10
        return settings
    }
}
