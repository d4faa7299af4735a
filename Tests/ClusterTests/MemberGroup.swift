@testable import Cluster

/// Running members that exchange encoded messages, over a network that delivers them at once or loses them.
final class MemberGroup {
    final class Node {
        let settings: MemberSettings
        /// The node description that this node's running process gives to other nodes; after a stop, that of its last
        /// process.
        fileprivate(set) var description: NodeDescription
        let store = MemoryReplica()
        let clock = ManualTimeSource()
        let observer = RecordingObserver()
        let tracer: RecordingTracer
        fileprivate(set) var member: ClusterNode?
        var isUp = true
        let transport: Transport
        var contradiction: (ClusterRecord) -> String? = { _ in nil }

        fileprivate init(_ settings: MemberSettings, _ description: NodeDescription, _ group: MemberGroup) {
            self.settings = settings
            self.description = description
            transport = Transport(description.address, group)
            tracer = RecordingTracer(node: UInt64(group.nodes.count + 1))
        }
    }

    struct Arrived {
        let from: String
        let to: String
        let lane: PeerLane
        let bytes: [UInt8]
    }

    final class Transport: PeerTransport {
        var address: String
        private unowned let group: MemberGroup

        fileprivate init(_ address: String, _ group: MemberGroup) {
            self.address = address
            self.group = group
        }

        func send(
            _ message: [UInt8], over lane: PeerLane, to address: String, timeoutMilliseconds: UInt64,
            completion: @escaping (Result<[UInt8], PeerFailure>) -> Void
        ) {
            let from = self.address
            group.pending.append { [unowned group] in
                group.deliver(message, lane, from: from, to: address, completion)
            }
        }
    }

    private(set) var nodes: [Node] = []
    fileprivate var pending: [() -> Void] = []
    /// All messages between members that arrived at their target so far.
    private(set) var arrived: [Arrived] = []
    /// Whether a message from one address to another is lost. For the answer of a message the addresses are swapped.
    var loses: (_ from: String, _ to: String) -> Bool = { _, _ in false }
    /// Decides whether the network loses a message to an address, given the message's bytes.
    var losesMessage: (_ to: String, _ bytes: [UInt8]) -> Bool = { _, _ in false }

    @discardableResult
    func add(_ settings: MemberSettings, store: UInt64, address: String? = nil) -> Node {
        let storeID = StoreID(high: 9, low: store)
        let description = NodeDescription(
            nodeID: settings.nodeID, address: address ?? settings.nodeID.description, storeID: storeID, bootCounter: 0,
            bootNonce: store * 1_000, durableSequence: 0)
        let node = Node(settings, description, self)
        node.store.state.storeID = storeID
        if let first = nodes.first { node.clock.wallMilliseconds = first.clock.wallMilliseconds }
        nodes.append(node)
        return node
    }

    /// Adds `count` nodes, each with all others as its seeds.
    func addCluster(_ count: Int, _ change: (inout MemberSettings) -> Void = { _ in }) {
        let ids = (1...count).map { "node-\($0)" as NodeID }
        for (index, id) in ids.enumerated() {
            var settings = Self.settings(id, expect: count)
            settings.seeds = ids.filter { $0 != id }.map(\.description)
            change(&settings)
            add(settings, store: UInt64(index))
        }
    }

    static func settings(_ id: NodeID, expect: Int, seeds: [String] = []) -> MemberSettings {
        var settings = MemberSettings(
            nodeID: id, seeds: seeds, bootstrapExpect: expect, partitions: 16, gcGraceMilliseconds: 60_000,
            hintWindowMilliseconds: 30_000)
        settings.recentWriteSlots = 1 << 10
        return settings
    }

    /// Starts a new process on the node's disk, at another address if one is given.
    func start(_ node: Node, at address: String? = nil) throws {
        let old = node.description
        node.store.state.bootCounter += 1
        node.description = NodeDescription(
            nodeID: old.nodeID, address: address ?? old.address, storeID: node.store.state.storeID,
            bootCounter: node.store.state.bootCounter, bootNonce: old.bootNonce + 1,
            durableSequence: node.store.durableSequence)
        node.transport.address = node.description.address
        node.isUp = true
        node.member = try ClusterNode(
            MemberDependencies(
                node.settings, store: node.store, tables: Array(node.store.state.tables.values),
                transport: node.transport, clock: node.clock, random: SplitMix(state: node.description.bootNonce),
                observer: node.observer, tracer: node.tracer),
            description: node.description, rows: node.store.state.rows, contradiction: node.contradiction)
    }

    func startAll() throws {
        for node in nodes { try start(node) }
    }

    /// Advances the time in steps. In each step all members tick, and all messages are delivered.
    func run(milliseconds: UInt64, step: UInt64 = 100) {
        for _ in 0..<(milliseconds / step) {
            for node in nodes {
                node.clock.monotonicMilliseconds += step
                node.clock.wallMilliseconds += step
                guard node.isUp else { continue }
                node.store.uptimeMilliseconds += step
                node.member?.tick()
            }
            settle()
        }
    }

    func settle() {
        var isBusy = true
        while isBusy {
            isBusy = !pending.isEmpty
            let work = pending
            pending = []
            for item in work { item() }
            for node in nodes where node.isUp {
                if node.store.settle() { isBusy = true }
                node.member?.endIteration()
            }
            if !pending.isEmpty { isBusy = true }
        }
    }

    private func deliver(
        _ message: [UInt8], _ lane: PeerLane, from: String, to: String,
        _ completion: @escaping (Result<[UInt8], PeerFailure>) -> Void
    ) {
        guard let node = nodes.first(where: { $0.description.address == to && $0.isUp }), let member = node.member
        else { return completion(.failure(.refused)) }
        guard !loses(from, to), !losesMessage(to, message) else { return completion(.failure(.timedOut)) }
        arrived.append(Arrived(from: from, to: to, lane: lane, bytes: message))
        member.receive(message, over: lane) { [unowned self] answer in
            pending.append {
                if self.loses(to, from) { return completion(.failure(.timedOut)) }
                completion(answer.mapError { .rejected($0.reason) })
            }
        }
    }

    var records: [ClusterRecord?] { nodes.map { $0.member?.record } }

    func put(_ value: String, at node: Int, _ table: TableState) -> Answer<Coordinator.WriteAnswer> {
        let answer = Answer<Coordinator.WriteAnswer>()
        nodes[node].member?.put(
            Array(value.utf8), table: table, key: ReplicaGroup.key, consistency: .strong, trace: .none
        ) { answer.set($0) }
        nodes[node].member?.endIteration()
        settle()
        return answer
    }
}
