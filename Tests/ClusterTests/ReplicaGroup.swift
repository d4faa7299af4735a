@testable import Cluster

/// N replicas and the coordinators of their nodes, joined by calls that arrive when the test says so.
final class ReplicaGroup {
    final class Node {
        let index: Int
        let store = MemoryReplica()
        let clock = ManualClock()
        let replica: Replica
        let catalog: DurableCatalog
        fileprivate(set) var coordinator: Coordinator
        let calls: Calls

        fileprivate init(_ index: Int, _ group: ReplicaGroup, _ record: ClusterRecord, tables: [TableState]) {
            self.index = index
            let observer = Observed()
            catalog = DurableCatalog(tables, store: store, observer: observer)
            replica = Replica(store: store, catalog: catalog) { [unowned group] in group.recovering.contains(index) }
            calls = Calls(index, group, record)
            let catalog = catalog
            coordinator = Coordinator(
                calls: calls, store: store, clock: clock,
                random: AnyRandom(SplitMix(state: UInt64(index) + 1)), observer: observer,
                settings: MemberSettings(
                    nodeID: "node-\(index)", gcGraceMilliseconds: 0, hintWindowMilliseconds: 0),
                catalog: { catalog.catalog })
            self.observer = observer
        }

        let observer: Observed
    }

    final class Calls: PeerCalls {
        let record: ClusterRecord
        let selfIndex: Int?
        private unowned let group: ReplicaGroup

        fileprivate init(_ index: Int, _ group: ReplicaGroup, _ record: ClusterRecord) {
            selfIndex = index
            self.group = group
            self.record = record
            self.index = index
        }

        private let index: Int

        func preferenceList(partition: Int) -> [Int] {
            group.placement?.preferenceList(partition: partition) ?? Array(0..<record.quorums.replicas)
        }

        func standing(of member: Int) -> MemberStanding {
            if group.recovering.contains(member) { return .recovering }
            if group.suspect.contains(member) { return .suspect }
            return group.dead.contains(member) ? .dead : .alive
        }

        func call(
            _ member: Int, _ operation: PeerCall.Operation, over lane: PeerLane, origin: Origin,
            timeoutMilliseconds: UInt64, completion: @escaping (Result<PeerAnswer, PeerFailure>) -> Void
        ) {
            let call = PeerCall(operation, remainingMilliseconds: UInt32(timeoutMilliseconds), origin: origin)
            group.underWay.append(
                Message(from: index, to: member, call: call, completion: completion))
        }
    }

    struct Message {
        let from: Int
        let to: Int
        let call: PeerCall
        let completion: (Result<PeerAnswer, PeerFailure>) -> Void

        var isWrite: Bool {
            if case .put = call.operation { true } else { false }
        }
    }

    static let table = TableState(
        name: tableName("t"), generation: 1, isDeleted: false, createdAtMilliseconds: 0)
    static let key = ItemKey(stored: Array("k".utf8))

    private(set) var nodes: [Node] = []
    fileprivate(set) var underWay: [Message] = []
    var dead: Set<Int> = []
    var recovering: Set<Int> = []
    var suspect: Set<Int> = []
    /// Nil while the first N members hold everything.
    private(set) var placement: Placement?
    /// Calls to these stay under way until `release`.
    var held: (Message) -> Bool = { _ in false }
    /// Calls that fail on their way.
    var lost: (Message) -> PeerFailure? = { _ in nil }

    init(
        _ count: Int = 3, replicas: Int? = nil, read: Int? = nil, write: Int? = nil, isPlaced: Bool = false
    ) throws {
        let record = ClusterRecord(
            clusterID: StoreID(high: 1, low: 1), epoch: 1,
            members: (0..<count).map { .init(nodeID: "node-\($0)", storeID: StoreID(high: 2, low: UInt64($0))) },
            quorums: try Quorums(replicas: replicas ?? count, members: count, read: read, write: write),
            partitions: 16, gcGraceMilliseconds: 0, hintWindowMilliseconds: 0)
        if isPlaced { placement = Placement(record: record) }
        nodes = (0..<count).map { Node($0, self, record, tables: [Self.table]) }
    }

    /// Delivers everything that is not held, until nothing more happens.
    func settle() {
        var isBusy = true
        while isBusy {
            isBusy = false
            for node in nodes where node.coordinator.hasPostponed {
                node.coordinator.runPostponed()
                isBusy = true
            }
            let deliverable = underWay.filter { !held($0) }
            underWay = underWay.filter(held)
            for message in deliverable {
                isBusy = true
                if let failure = lost(message) {
                    message.completion(.failure(failure))
                } else {
                    nodes[message.to].replica.answer(message.call) { message.completion(.success($0)) }
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
            node.coordinator.tick()
        }
        settle()
    }

    func put(
        _ value: String, at node: Int = 0, _ consistency: Consistency = .strong
    ) -> Answer<Coordinator.WriteAnswer> {
        let answer = Answer<Coordinator.WriteAnswer>()
        let coordinator = nodes[node].coordinator
        coordinator.put(Array(value.utf8), key(at: node), consistency) { answer.set($0) }
        precondition(answer.value == nil, "a completion came before the starting call returned")
        settle()
        return answer
    }

    func delete(at node: Int = 0, _ consistency: Consistency = .strong) -> Answer<Coordinator.WriteAnswer> {
        let answer = Answer<Coordinator.WriteAnswer>()
        nodes[node].coordinator.delete(key(at: node), consistency) { answer.set($0) }
        precondition(answer.value == nil, "a completion came before the starting call returned")
        settle()
        return answer
    }

    func get(at node: Int = 0, _ consistency: Consistency = .strong) -> Answer<Coordinator.ReadAnswer> {
        let answer = Answer<Coordinator.ReadAnswer>()
        let now = nodes[node].coordinator.get(key(at: node), consistency) { answer.set($0) }
        if let now { answer.set(now) }
        settle()
        return answer
    }

    func key(at node: Int) -> KeyOnReplicas {
        KeyOnReplicas(nodes[node].coordinator, table: Self.table, key: Self.key, origin: .none)
    }

    /// What each replica holds, in words: "-" for nothing, "x" for a tombstone.
    var values: [String] {
        nodes.map { node in
            guard let item = node.store.item(Self.table.id, Self.key) else { return "-" }
            return item.isTombstone ? "x" : String(decoding: item.value, as: UTF8.self)
        }
    }

    /// Puts a value straight into some replicas, as a write would that got no further.
    func plant(_ value: String?, clock: UInt64, writeID: UInt64 = 1, on members: [Int]) {
        let version = Version(clock: HybridTimestamp(milliseconds: clock), writeID: writeID)
        let item = value.map { StoredItem(version: version, isTombstone: false, value: Array($0.utf8)) }
            ?? StoredItem(tombstone: version)
        for member in members {
            nodes[member].store.submit(ReplicaWrite(table: Self.table.id, key: Self.key, item: item)) { _ in }
            nodes[member].store.settle()
        }
    }
}

/// Set once.
final class Answer<Value> {
    private(set) var value: Value?

    func set(_ value: Value) {
        precondition(self.value == nil, "answered twice")
        self.value = value
    }
}

/// Counts what is seen.
final class Observed: ClusterObserver {
    var sent: [SentWrite] = []
    var events: [ClusterEvent] = []
    func sent(_ write: SentWrite) { sent.append(write) }
    func received(_ operation: ReceivedOperation) {}
    func tableChanged(_ state: TableState) {}
    func memberChanged(_ member: String, to standing: String) {}
    func formed(_ record: ClusterRecord) {}
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
        preconditionFailure("\(name) is no table name: \(error)")
    }
}
