@testable import Cluster

/// N replicas and the coordinators of their nodes. A test controls when calls between them are delivered, and which
/// fail.
final class ReplicaGroup {
    final class Node {
        let index: MemberIndex
        let store = MemoryReplica()
        let clock = ManualTimeSource()
        let replica: Replica
        let catalog: DurableCatalog
        let observer = RecordingObserver()
        let settings: MemberSettings
        let policy: Policy
        let dependencies: MemberDependencies
        let scheduler: OperationScheduler
        let coordinator: Coordinator
        let calls: Calls
        let pendingHints: PendingHints
        let handoff: HintedHandoff

        fileprivate init(_ index: MemberIndex, _ group: ReplicaGroup, _ record: ClusterRecord, tables: [TableState]) {
            self.index = index
            settings = MemberSettings(
                nodeID: "node-\(index)", gcGraceMilliseconds: record.gcGraceMilliseconds,
                hintWindowMilliseconds: record.hintWindowMilliseconds)
            dependencies = MemberDependencies(
                settings, store: store, tables: tables, transport: NoTransport(), clock: clock,
                random: SplitMix(state: UInt64(index.rawValue) + 1), observer: observer)
            catalog = dependencies.tables
            policy = Policy(index, group, record.partitions)
            replica = Replica(
                store: store, catalog: catalog, recentWrites: RecentWrites(clock: clock, slots: 1 << 10),
                policy: policy, tracer: NoTracer())
            calls = Calls(index, group, record)
            pendingHints = PendingHints(store: store)
            scheduler = OperationScheduler(dependencies)
            handoff = HintedHandoff(
                calls: calls, pendingHints: pendingHints, dependencies: dependencies,
                isBusy: { [unowned group] in group.busy.contains(index) })
            coordinator = Coordinator(
                OperationServices(
                    roster: calls, calls: calls, scheduler: scheduler, handoff: handoff, dependencies: dependencies))
        }
    }

    /// The replica policy of a test node. The test sets whether the replica votes, knows the catalog and agrees to
    /// purges.
    final class Policy: ReplicaPolicy {
        let partitions: Int
        private let index: MemberIndex
        private unowned let group: ReplicaGroup
        var takesWrites: Bool { knowsCatalog }
        var knowsCatalog = true
        /// The partitions that this replica has in common with any other member. A test may set them; if it is nil, the
        /// preference lists decide.
        var shared: [PartitionID]?
        var objection: (HybridTimestamp) -> String? = { _ in nil }

        fileprivate init(_ index: MemberIndex, _ group: ReplicaGroup, _ partitions: Int) {
            self.index = index
            self.group = group
            self.partitions = partitions
        }

        var votes: Bool { !group.recovering.contains(index) && !group.unconfirmed.contains(index) }
        func sharedPartitions(with member: MemberIndex) -> [PartitionID] {
            shared ?? group.sharedPartitions(index, member)
        }
        func hasPendingHints(for member: MemberIndex) -> Bool { false }
        func objection(toPurging mark: HybridTimestamp) -> String? { objection(mark) }
    }

    final class Calls: PeerCalls, Roster {
        var roster: any Roster { self }
        let record: ClusterRecord
        let selfIndex: MemberIndex?
        private unowned let group: ReplicaGroup
        /// The new store id of each member whose disk was replaced, as far as this node has learned of it.
        var replaced: [MemberIndex: StoreID] = [:]
        var clockProblem: String?

        fileprivate init(_ index: MemberIndex, _ group: ReplicaGroup, _ record: ClusterRecord) {
            selfIndex = index
            self.group = group
            self.record = record
            self.index = index
        }

        private let index: MemberIndex

        func preferenceList(partition: PartitionID) -> [MemberIndex] {
            group.placement?.preferenceList(partition: partition)
                ?? Array(record.memberIndexes.prefix(record.quorums.replicas))
        }

        func liveness(of member: MemberIndex) -> Liveness {
            if group.recovering.contains(member) { return .recovering }
            if group.suspect.contains(member) { return .suspect }
            return group.dead.contains(member) ? .dead : .alive
        }

        func storeID(of member: MemberIndex) -> StoreID { replaced[member] ?? record.members[member].storeID }

        var ownIsConfirmed: Bool { !group.unconfirmed.contains(index) }

        func call(
            _ member: MemberIndex, _ operation: PeerCall.Operation, over lane: PeerLane, trace: RequestTrace,
            timeoutMilliseconds: UInt64, completion: @escaping (Result<PeerAnswer, PeerFailure>) -> Void
        ) {
            let call = PeerCall(operation, remainingMilliseconds: UInt32(timeoutMilliseconds), trace: trace)
            group.underWay.append(
                Message(from: index, to: member, call: call, completion: completion))
        }
    }

    struct Message {
        let from: MemberIndex
        let to: MemberIndex
        let call: PeerCall
        let completion: (Result<PeerAnswer, PeerFailure>) -> Void

        var isWrite: Bool {
            switch call.operation {
            case .put, .repair: true
            default: false
            }
        }
    }

    static let table = TableState(
        name: tableName("t"), generation: 1, isDeleted: false, createdAtMilliseconds: 0)
    static let key = ItemKey(stored: Array("k".utf8))

    private(set) var nodes: [Node] = []
    fileprivate(set) var underWay: [Message] = []
    var dead: Set<MemberIndex> = []
    var recovering: Set<MemberIndex> = []
    var suspect: Set<MemberIndex> = []
    /// Nodes that have just started: no peer has confirmed yet that their disk was not rolled back, so they do not
    /// vote. The other nodes consider them alive.
    var unconfirmed: Set<MemberIndex> = []
    /// Nodes with client operations under way, which slows their hinted handoff down.
    var busy: Set<MemberIndex> = []
    /// The delivered calls with their answers, in the order of the answers.
    private(set) var delivered: [(message: Message, answer: PeerAnswer)] = []
    /// The anti-entropy sessions that run; without this reference, nothing would retain them.
    var sessions: [AntiEntropySession] = []
    /// The members that hold each partition; nil if the first N members hold all partitions.
    private(set) var placement: PreferenceLists?
    /// Selects the calls that are not delivered until `release` is called.
    var held: (Message) -> Bool = { _ in false }
    /// Returns the failure of a call that is not delivered, and nil for other calls.
    var lost: (Message) -> PeerFailure? = { _ in nil }

    init(
        _ count: Int = 3, replicas: Int? = nil, read: Int? = nil, write: Int? = nil, isPlaced: Bool = false,
        gcGraceMilliseconds: UInt64 = 600_000, hintWindowMilliseconds: UInt64 = 300_000
    ) throws {
        let record = ClusterRecord(
            clusterID: ClusterID(high: 1, low: 1), epoch: 1,
            members: (0..<count).map { .init(nodeID: "node-\($0)", storeID: StoreID(high: 2, low: UInt64($0))) },
            quorums: try Quorums(replicas: replicas ?? count, members: count, read: read, write: write),
            partitions: 16, gcGraceMilliseconds: gcGraceMilliseconds, hintWindowMilliseconds: hintWindowMilliseconds)
        if isPlaced { placement = PreferenceLists(record: record) }
        nodes = (0..<count).map { Node(MemberIndex($0), self, record, tables: [Self.table]) }
    }

    func sharedPartitions(_ one: MemberIndex, _ other: MemberIndex) -> [PartitionID] {
        (0..<16).map { PartitionID($0) }.filter { partition in
            let list = nodes[0].calls.preferenceList(partition: partition)
            return list.contains(one) && list.contains(other)
        }
    }

    /// Delivers all calls that are not held, and executes disk operations, until nothing more happens.
    func settle() {
        var isBusy = true
        while isBusy {
            isBusy = false
            for node in nodes where node.scheduler.hasEnqueued {
                node.scheduler.runEnqueued()
                isBusy = true
            }
            let deliverable = underWay.filter { !held($0) }
            underWay = underWay.filter(held)
            for message in deliverable {
                isBusy = true
                if let failure = lost(message) {
                    message.completion(.failure(failure))
                } else {
                    nodes[message.to].replica.answer(message.call, of: message.from) {
                        self.delivered.append((message, $0))
                        message.completion(.success($0))
                    }
                }
            }
            for node in nodes where node.store.settle() { isBusy = true }
        }
    }

    func release() {
        held = { _ in false }
        settle()
    }

    func advance(_ milliseconds: UInt64) {
        for node in nodes {
            node.clock.monotonicMilliseconds += milliseconds
            node.clock.wallMilliseconds += milliseconds
            node.store.uptimeMilliseconds += milliseconds
            node.scheduler.tick()
        }
        settle()
    }

    func put(
        _ value: String, at node: MemberIndex = 0, _ consistency: Consistency = .strong
    ) -> Answer<Coordinator.WriteAnswer> {
        let answer = Answer<Coordinator.WriteAnswer>()
        let coordinator = nodes[node].coordinator
        coordinator.put(Array(value.utf8), Self.key, in: Self.table, consistency, trace: .none) { answer.set($0) }
        precondition(answer.value == nil, "a completion came before the starting call returned")
        settle()
        return answer
    }

    func delete(at node: MemberIndex = 0, _ consistency: Consistency = .strong) -> Answer<Coordinator.WriteAnswer> {
        let answer = Answer<Coordinator.WriteAnswer>()
        nodes[node].coordinator.delete(Self.key, in: Self.table, consistency, trace: .none) { answer.set($0) }
        precondition(answer.value == nil, "a completion came before the starting call returned")
        settle()
        return answer
    }

    func get(at node: MemberIndex = 0, _ consistency: Consistency = .strong) -> Answer<Coordinator.ReadAnswer> {
        let answer = Answer<Coordinator.ReadAnswer>()
        let now = nodes[node].coordinator.get(Self.key, in: Self.table, consistency, trace: .none) { answer.set($0) }
        if let now { answer.set(now) }
        settle()
        return answer
    }

    func replicas(at node: MemberIndex) -> ReplicaSet {
        nodes[node].coordinator.replicas(of: Self.key, in: Self.table)
    }

    /// The event that node 0 reports for a write that a replica missed.
    func missed(_ target: MemberIndex, _ fate: ClusterEvent.HintFate, _ result: SendResult) -> ClusterEvent {
        .missed(
            MissedWrite(target: target, result: result, isDelete: false, table: Self.table, trace: .none), fate)
    }

    /// The value on each replica: "-" if absent, "x" for a tombstone.
    var values: [String] {
        nodes.map { node in
            guard let item = node.store.item(Self.table.id, Self.key) else { return "-" }
            return item.isTombstone ? "x" : String(decoding: item.value, as: UTF8.self)
        }
    }

    /// Stores a value, or a tombstone if it is nil, directly on some replicas, like a write that reached no other.
    func plant(
        _ value: String?, _ key: ItemKey = ReplicaGroup.key, clock: UInt64, writeID: UInt64 = 1,
        on members: [MemberIndex]
    ) {
        let version = Version(clock: HybridTimestamp(milliseconds: clock), writeID: writeID)
        let item = value.map { StoredItem(version: version, isTombstone: false, value: Array($0.utf8)) }
            ?? StoredItem(tombstone: version)
        for member in members {
            nodes[member].store.submit(ReplicaWrite(table: Self.table.id, key: key, item: item)) { _ in }
            nodes[member].store.settle()
        }
    }
}

/// The value that a completion was called with; nil before. Setting it twice traps.
final class Answer<Value> {
    private(set) var value: Value?

    func set(_ value: Value) {
        precondition(self.value == nil, "answered twice")
        self.value = value
    }
}

/// The peer transport of test nodes whose calls the test delivers itself, past any transport. It crashes if a node
/// sends a message through it.
private final class NoTransport: PeerTransport {
    func send(
        _ message: [UInt8], over lane: PeerLane, to address: String, timeoutMilliseconds: UInt64,
        completion: @escaping (Result<[UInt8], PeerFailure>) -> Void
    ) {
        preconditionFailure("a replica group sends no messages")
    }
}

/// A cluster observer that records the sent writes, the remote reads and the events of one node.
final class RecordingObserver: ClusterObserver {
    var sent: [SentWrite] = []
    var events: [ClusterEvent] = []
    var reads: [RemoteRead] = []
    func sent(_ write: SentWrite) { sent.append(write) }
    func readRemotely(_ read: RemoteRead) { reads.append(read) }
    func received(_ operation: ReceivedOperation) {}
    func tableChanged(_ state: TableState) {}
    func memberChanged(_ member: NodeID, to state: MemberState) {}
    func bootstrapped(_ record: ClusterRecord) {}
    func noted(_ event: ClusterEvent) { events.append(event) }
}

struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

func tableName(_ name: String) -> TableName {
    do {
        return try TableName(validating: Array(name.utf8))
    } catch {
        preconditionFailure("\(name) is not a valid table name: \(error)")
    }
}
