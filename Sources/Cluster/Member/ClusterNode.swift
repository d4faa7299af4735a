/// Everything of a node but sockets and disk: it gossips, forms the cluster with others or alone, coordinates what
/// clients ask, and is a replica to other coordinators. Bound to the loop. Time, chance, network and disk come through
/// `TimeSource`, `RandomNumberGenerator`, `PeerTransport` and `ReplicaStore`, so that a simulation can be all four.
///
/// Completions come on the loop, once, never before the call that names them has returned, and at the latest when
/// the operation timeout has passed.
package final class ClusterNode {
    /// How often `tick` is wanted while `wantsFastTicks`; otherwise a tenth of the heartbeat will do.
    package static let tickMilliseconds: UInt64 = 5

    package let settings: MemberSettings
    private let parts: MemberDependencies
    private let membership: Membership
    private let forming: Bootstrap
    private let gossip: Gossip
    private var isReplacingStore = false
    /// Once the cluster is formed.
    private(set) var formed: ActiveMember?

    /// `rows` and `tables` as the store holds them. `contradiction` says why a record does not fit what this
    /// node was told at its start, naming both values; nil when it does. Throws when the stored record does not.
    package init(
        _ settings: MemberSettings, description: NodeDescription, rows: [ClusterRow: [UInt8]], tables: [TableState],
        store: any ReplicaStore, transport: any PeerTransport, clock: any TimeSource,
        random: some RandomNumberGenerator, observer: any ClusterObserver, tracer: any ClusterTracer = NoTracer(),
        contradiction: @escaping (ClusterRecord) -> String? = { _ in nil }
    ) throws(MemberStartError) {
        precondition(settings.nodeID == description.nodeID, "a node describes itself under another id")
        self.settings = settings
        guard let stored = StoredRecord(decoding: rows[.record]) else { throw .unreadableRecord }
        if case .formed(let record) = stored, let why = contradiction(record) { throw .contradiction(why) }
        let random = AnyRandom(random)
        parts = MemberDependencies(
            settings: settings, store: store, transport: transport, clock: clock, random: random, observer: observer,
            tracer: tracer, tables: DurableCatalog(tables, store: store, observer: observer))
        membership = Membership(
            own: description, memories: Self.memories(rows),
            failureTimeoutMilliseconds: settings.failureTimeoutMilliseconds,
            nowMilliseconds: clock.monotonicMilliseconds)
        forming = Bootstrap(
            settings, stored: stored, membership: membership, store: store, random: random,
            contradiction: contradiction)
        gossip = Gossip(
            settings, membership: membership, forming: forming, tables: parts.tables, store: store,
            transport: transport, clock: clock, random: random, observer: observer)
        membership.onChange = { [unowned self] in
            observer.memberChanged($0, to: $1)
            if $1 == .alive { self.formed?.didRecover($0) }
        }
        membership.onPersist = { [unowned self] in self.remember($0) }
        gossip.onContradiction = { [unowned self] in self.replaceStore(contradictedBy: $0) }
        let isWhole = RecoveryRow.says(rows[.recovery], wholeOf: description.storeID)
        forming.onBootstrapped = { [unowned self] in self.begin($0, isNew: $1, isWhole: isWhole) }
        if let record = forming.formed { begin(record, isNew: false, isWhole: isWhole) }
    }

    private static func memories(_ rows: [ClusterRow: [UInt8]]) -> [PersistedMember] {
        rows.compactMap { row, bytes in
            if case .member = row { PersistedMember(decoding: bytes) } else { nil }
        }.sorted { $0.description.nodeID < $1.description.nodeID }
    }

    private func begin(_ record: ClusterRecord, isNew: Bool, isWhole: Bool) {
        precondition(formed == nil, "a cluster was formed twice")
        membership.adopt(record, isNew: isNew)
        if membership.ownIsReplacement, !isWhole { membership.setOwn(isRecovering: true) }
        formed = ActiveMember(record, membership: membership, parts: parts)
        parts.observer.formed(record)
    }

    private func remember(_ memory: PersistedMember) {
        let nodeID = memory.description.nodeID
        parts.store.submit(.member(nodeID), memory.encoded) { [membership] result in
            if result != .committed { membership.forgot(nodeID) }
        }
    }

    /// Another member remembers a later state of this node's disk: what it holds is not to be trusted, and it goes on
    /// as a disk that is new. From this moment it does not vote.
    private func replaceStore(contradictedBy member: String) {
        guard let formed, !isReplacingStore else { return }
        isReplacingStore = true
        formed.recover()
        var random = parts.random
        let store = StoreID(using: &random)
        parts.observer.noted(.storeReplaced("\(member) remembers a later state of this node's disk than there is"))
        parts.store.submit(storeID: store) { [self] result in
            isReplacingStore = false
            // Where that failed, the next word of the other member has it tried again.
            guard result == .committed else { return }
            membership.setOwn(storeID: store, isRecovering: true)
            formed.recover()
        }
    }

    /// To be called at least ten times a heartbeat, and every `tickMilliseconds` while that is wanted: gossips, asks
    /// more replicas where those asked are slow, and answers what has taken too long.
    package func tick() {
        gossip.tick()
        formed?.tick()
        endIteration()
    }

    /// To be called at the end of every turn of the loop: sends what the turn has gathered for peers, and does what was
    /// put off to its end.
    package func endIteration() {
        formed?.endIteration()
    }
}

package enum MemberStartError: Error, Equatable, Sendable {
    case unreadableRecord
    case contradiction(String)
}

// What clients ask.
extension ClusterNode {
    package func put(
        _ value: [UInt8], table: TableState, key: ItemKey, consistency: Consistency, trace: RequestTrace,
        completion: @escaping (Coordinator.WriteAnswer) -> Void
    ) {
        let coordinator = coordinator
        coordinator.put(
            value, KeyOnReplicas(coordinator, table: table, key: key, trace: trace), consistency,
            completion: completion)
    }

    package func delete(
        table: TableState, key: ItemKey, consistency: Consistency, trace: RequestTrace,
        completion: @escaping (Coordinator.WriteAnswer) -> Void
    ) {
        let coordinator = coordinator
        coordinator.delete(
            KeyOnReplicas(coordinator, table: table, key: key, trace: trace), consistency, completion: completion)
    }

    /// The answer itself when this node may give it and memory holds it, and then `completion` is never called.
    package func get(
        table: TableState, key: ItemKey, consistency: Consistency, trace: RequestTrace,
        completion: @escaping (Coordinator.ReadAnswer) -> Void
    ) -> Coordinator.ReadAnswer? {
        let coordinator = coordinator
        return coordinator.get(
            KeyOnReplicas(coordinator, table: table, key: key, trace: trace), consistency, completion: completion)
    }

    package func createTable(
        _ name: TableName, trace: RequestTrace, completion: @escaping (Coordinator.TableAnswer) -> Void
    ) {
        coordinator.createTable(name, trace: trace, completion: completion)
    }

    package func deleteTable(
        _ name: TableName, trace: RequestTrace, completion: @escaping (Coordinator.TableAnswer) -> Void
    ) {
        coordinator.deleteTable(name, trace: trace, completion: completion)
    }

    var coordinator: Coordinator {
        guard let formed else { preconditionFailure("a client was served before the cluster was formed") }
        return formed.coordinator
    }
}

// What other nodes ask.
extension ClusterNode {
    /// The answer to a message of another node, or why it has none. `completion` may come before this returns.
    package func receive(
        _ message: [UInt8], over lane: PeerLane, completion: @escaping (Result<[UInt8], PeerRejection>) -> Void
    ) {
        do throws(WireError) {
            guard lane == .gossip else { return receive(try CallBatch(decoding: message), completion: completion) }
            let answer = gossip.receive(try GossipMessage(decoding: message))
            if case .failure(let rejection) = answer { parts.observer.noted(.refusedMessage(rejection.reason)) }
            completion(answer.map(\.encoded))
        } catch {
            refuse("\(error)", isMalformed: true, completion)
        }
    }

    private func receive(_ batch: CallBatch, completion: @escaping (Result<[UInt8], PeerRejection>) -> Void) {
        guard let formed else { return refuse("the cluster is not formed on \(settings.nodeID) yet", completion) }
        if let why = formed.refusal(of: batch.envelope) { return refuse(why, completion) }
        formed.answer(batch) { completion(.success($0)) }
    }

    private func refuse(
        _ why: String, isMalformed: Bool = false, _ completion: (Result<[UInt8], PeerRejection>) -> Void
    ) {
        parts.observer.noted(.refusedMessage(why))
        completion(.failure(PeerRejection(why, isMalformed: isMalformed)))
    }
}

// What is shown.
extension ClusterNode {
    /// Nil until the cluster is formed; nothing is served before.
    package var record: ClusterRecord? { formed?.record }

    /// Why items are not served, in sentences; empty when they are.
    package var formingProblems: [String] {
        guard formed == nil else { return [] }
        return [forming.problem ?? "the cluster is not formed yet"] + gossip.problems
    }

    /// This node lost its disk, or part of it: it stores writes and does not vote until it is whole.
    package var isRecovering: Bool { membership.own.isRecovering }

    package var members: [MemberStatus] {
        membership.statuses(nowMilliseconds: parts.clock.monotonicMilliseconds)
    }

    package var catalog: Catalog { parts.tables.catalog }

    /// What the store turned out to hold when it was reopened: a change answered as unknown may have come to be.
    package func adopt(_ states: [TableState]) {
        for state in states { parts.tables.merge(state) }
    }

    /// The members that hold the key, the first choice first, by id; empty until the cluster is formed.
    package func preferenceList(of key: ItemKey) -> [String] {
        guard let formed else { return [] }
        let place = KeyPlace(key: key, partitions: formed.record.partitions)
        return formed.preferenceList(partition: Int(place.partition)).map(formed.name)
    }

    /// The members that hold a partition, by their index in the record; empty until the cluster is formed.
    package func replicas(of partition: Int) -> [Int] { formed?.preferenceList(partition: partition) ?? [] }

    package var operationsRunning: Int { formed?.coordinator.operationsRunning ?? 0 }

    /// Whether `tick` is wanted every `tickMilliseconds`: operations run, or what mends beside them keeps to a pace.
    package var wantsFastTicks: Bool {
        guard let formed else { return false }
        return operationsRunning > 0 || formed.handoff.isPaused || formed.antiEntropy.isPaused
    }

    /// Bytes that wait to be sent to peers.
    package var waitingBytes: Int { formed?.waitingBytes ?? 0 }

    /// Forgets the record that was accepted but not formed, durably, and starts over. `completion` tells why not, if
    /// not, and may come before this returns.
    package func abortBootstrap(completion: @escaping (AbortBootstrapRefusal?) -> Void) {
        forming.abandon(completion: completion)
    }
}
