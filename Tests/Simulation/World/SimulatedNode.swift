internal import Cluster

/// One machine of the cluster. Its clocks exist for the whole run, its disk too unless a fault replaces it, and its
/// processes run one after another.
final class SimulatedNode {
    let index: Int
    let id: NodeID
    private(set) var disk: SimulatedDisk
    /// An earlier copy of the disk, for a rollback.
    private(set) var diskCopy: SimulatedDisk?
    let clock: SimulatedTimeSource
    private(set) var process: SimulatedProcess?
    private(set) var store: SimulatedStore?
    private(set) var member: ClusterNode?
    /// The span checker of the running process.
    private(set) var spanChecker: SpanChecker?
    private var address: String
    private let settings: MemberSettings
    private let world: World
    private let network: SimulatedNetwork
    private let checker: InvariantChecker
    private let memoryMissPercent: Double
    private let queueLimit: Int
    private let hintBudgetBytes: UInt64

    init(_ index: Int, _ scenario: Scenario, _ world: World, _ network: SimulatedNetwork, _ checker: InvariantChecker) {
        self.index = index
        self.world = world
        self.network = network
        self.checker = checker
        memoryMissPercent = scenario.memoryMissPercent
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

    /// Starts a process on the node's disk. Does nothing if one is running.
    func start() {
        guard process == nil else { return }
        disk.incrementBootCounter()
        let process = SimulatedProcess(world, node: index)
        let store = SimulatedStore(disk, process, world, clock, partitions: settings.partitions)
        store.memoryMissPercent = memoryMissPercent
        store.queueLimit = queueLimit
        store.hintBudgetBytes = hintBudgetBytes
        world.note("START \(id), boot \(disk.bootCounter)")
        let spanChecker = SpanChecker(id, checker)
        let member: ClusterNode
        do throws(MemberStartError) {
            member = try boot(process, store, spanChecker)
        } catch {
            return checker.fail("\(id) does not start: \(error)")
        }
        store.onReopen = { tables in member.adopt(tables) }
        store.onHintDelivered = { [checker, id] hint in checker.delivered(hint, by: id) }
        process.endIteration = { member.endIteration() }
        network.listen(process) { message, lane, completion in
            member.receive(message, over: lane) { completion($0.mapError { .rejected($0.reason) }) }
        }
        self.process = process
        self.store = store
        self.member = member
        self.spanChecker = spanChecker
        tick(process, member)
    }

    private func boot(
        _ process: SimulatedProcess, _ store: SimulatedStore, _ spanChecker: SpanChecker
    ) throws(MemberStartError) -> ClusterNode {
        // The random numbers are drawn in a fixed order, because another order would change the run of every seed.
        let description = NodeDescription(
            nodeID: id, address: address, storeID: disk.storeID, bootCounter: disk.bootCounter,
            bootNonce: world.random.next(), durableSequence: disk.sequence)
        let random = world.random.split()
        return try ClusterNode(
            MemberDependencies(
                settings, store: store, tables: disk.catalog, transport: SimulatedTransport(network, process),
                clock: clock, random: random, observer: CheckingObserver(id, checker), tracer: spanChecker),
            description: description, rows: disk.rows)
    }

    private func tick(_ process: SimulatedProcess, _ member: ClusterNode) {
        process.after(Int(ClusterNode.tickMilliseconds) * 1000) { [self] in
            member.tick()
            tick(process, member)
        }
    }

    /// Ends the process as `kill -9` or a power cut would. Does nothing when none is running.
    func kill() {
        guard let process else { return }
        process.die()
        store?.crash()
        network.stopListening(process)
        checker.processDied(process)
        self.process = nil
        store = nil
        member = nil
        spanChecker = nil
    }

    /// The problems that the node reports about its bootstrap and its recovery, for failure messages.
    var problems: String {
        guard let member else { return "it is not running" }
        let recovery = member.recovery.map { [$0.explanation] } ?? []
        return (member.bootstrapProblems + recovery).joined(separator: "; ")
    }

    /// Replaces the disk by an empty one. No process may be running.
    func loseDisk() {
        precondition(process == nil, "a disk was lost while its process was running")
        disk = SimulatedDisk(storeID: StoreID(using: &world.random))
        diskCopy = nil
        checker.diskLost()
    }

    /// Copies the disk, unless there is a copy already.
    func copyDisk() { diskCopy = diskCopy ?? SimulatedDisk(copying: disk) }

    /// Replaces the node's disk by its earlier copy. There must be a copy, and no process may be running.
    func rollBackDisk() {
        precondition(process == nil, "a disk was rolled back while its process was running")
        guard let copy = diskCopy.take() else { preconditionFailure("there is no copy of the disk") }
        disk = copy
        checker.diskLost()
    }

    /// Changes the address at which the next process listens. No process may be running.
    func move() {
        precondition(process == nil, "an address was changed while its process was running")
        address = "10.1.0.\(index + 1):8080"
        network.move(index, to: address)
    }

    /// Thaws the running process if it is frozen. With `frozen` given, only if it is that process.
    func thaw(_ frozen: SimulatedProcess? = nil) {
        guard let process, process.state == .frozen, frozen == nil || frozen === process else { return }
        process.thaw()
    }
}

extension Scenario {
    fileprivate func settings(of index: Int, _ random: inout SeededRandom) -> MemberSettings {
        // The seed addresses of a node are those of a random subset of the other nodes, since any choice has to lead to
        // the same cluster. The next node is always among them, so that the seed addresses connect all nodes.
        let next = (index + 1) % members
        let seeds = (0..<members).filter { $0 != index && (random.chance(60) || $0 == next) }
        var settings = MemberSettings(
            nodeID: SimulatedNode.id(index), seeds: seeds.map(SimulatedNode.address),
            bootstrapExpect: hasExtraNode ? members - 1 : members,
            replicas: replicas, readQuorum: readQuorum, writeQuorum: writeQuorum, partitions: partitions,
            gcGraceMilliseconds: gcGraceMilliseconds, hintWindowMilliseconds: gcGraceMilliseconds / 2)
        settings.operationTimeoutMilliseconds = timing.operationMilliseconds
        settings.replicaTimeoutMilliseconds = timing.replicaMilliseconds
        settings.heartbeatIntervalMilliseconds = timing.heartbeatMilliseconds
        settings.failureTimeoutMilliseconds = timing.failureMilliseconds
        settings.antiEntropyIntervalMilliseconds = antiEntropyIntervalMilliseconds
        settings.recentWriteSlots = 1 << 10
        return settings
    }
}
