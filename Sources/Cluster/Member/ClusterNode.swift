/// One node of a cluster without its sockets and its disk: the facade that the rest of the program uses, from the start
/// of the process on. It exchanges gossip, bootstraps the cluster, and once that is done passes requests to its
/// `ActiveMember`. Time, chance, network and disk come from `MemberDependencies`, so that a simulation can provide all
/// four.
///
/// Bound to the loop. Each completion is called on the loop, once, never before the call that names it has returned,
/// and at the latest when the operation timeout has passed.
package final class ClusterNode {
    /// The interval of `tick` while `wantsFastTicks`, in milliseconds. Otherwise a tenth of the heartbeat interval is
    /// enough.
    package static let tickMilliseconds: UInt64 = 5

    let dependencies: MemberDependencies
    private let membership: Membership
    private let bootstrap: Bootstrap
    private let gossip: Gossip
    private var isReplacingStore = false
    /// The running state of this node as a member; nil until the cluster is bootstrapped.
    private(set) var active: ActiveMember?

    /// Makes the cluster member of a node that is starting, from `rows`, the cluster metadata that its store holds.
    /// `contradiction` compares a cluster record with the settings of the node: it returns a sentence with both values
    /// if they differ, and nil otherwise. Throws if the cluster record in the store differs from the settings.
    package init(
        _ dependencies: MemberDependencies, description: NodeDescription, rows: [ClusterRow: [UInt8]],
        contradiction: @escaping (ClusterRecord) -> String? = { _ in nil }
    ) throws(MemberStartError) {
        let settings = dependencies.settings
        precondition(settings.nodeID == description.nodeID, "a node describes itself under another id")
        self.dependencies = dependencies
        guard let stored = StoredRecord(decoding: rows[.record]) else { throw .unreadableRecord }
        if case .bootstrapped(let record) = stored, let why = contradiction(record) { throw .contradiction(why) }
        membership = Membership(
            own: description, persisted: Self.persistedMembers(rows),
            failureTimeoutMilliseconds: settings.failureTimeoutMilliseconds,
            nowMilliseconds: dependencies.clock.monotonicMilliseconds)
        bootstrap = Bootstrap(
            settings, stored: stored, membership: membership, store: dependencies.store, random: dependencies.random,
            contradiction: contradiction)
        gossip = Gossip(dependencies, membership: membership, bootstrap: bootstrap)
        let observer = dependencies.observer
        membership.onChange = { [unowned self] in
            observer.memberChanged($0, to: $1)
            if $1 == .alive { self.active?.didRecover($0) }
        }
        membership.onPersist = { [unowned self] in self.persist($0) }
        gossip.onContradiction = { [unowned self] in self.replaceStore(contradictedBy: $0) }
        let isComplete = RecoveryRow.says(rows[.recovery], isComplete: description.storeID)
        bootstrap.onBootstrapped = { [unowned self] in self.activate($0, isNew: $1, isComplete: isComplete) }
        if let record = bootstrap.bootstrapped { activate(record, isNew: false, isComplete: isComplete) }
    }

    private static func persistedMembers(_ rows: [ClusterRow: [UInt8]]) -> [PersistedMember] {
        rows.compactMap { row, bytes in
            if case .member = row { PersistedMember(decoding: bytes) } else { nil }
        }.sorted { $0.description.nodeID < $1.description.nodeID }
    }

    /// Makes this node an active member of the bootstrapped cluster. `isComplete` tells whether the recovery of this
    /// node's store is complete; it matters only if the cluster record lists another store id for this node.
    private func activate(_ record: ClusterRecord, isNew: Bool, isComplete: Bool) {
        precondition(active == nil, "a cluster was bootstrapped twice")
        membership.adopt(record, isNew: isNew)
        if membership.ownIsReplacement, !isComplete { membership.setOwn(isRecovering: true) }
        active = ActiveMember(record, membership: membership, dependencies: dependencies)
        dependencies.observer.bootstrapped(record)
    }

    private func persist(_ member: PersistedMember) {
        let nodeID = member.description.nodeID
        dependencies.store.submit(.member(nodeID), member.encoded) { [membership] result in
            if result != .committed { membership.notPersisted(nodeID) }
        }
    }

    /// Another member has recorded a later state of this node's disk: the disk was rolled back. This node stops voting
    /// at once, takes a new store id, and recovers as if its disk were new.
    private func replaceStore(contradictedBy member: NodeID) {
        guard let active, !isReplacingStore else { return }
        isReplacingStore = true
        active.recover()
        var random = dependencies.random
        let store = StoreID(using: &random)
        dependencies.observer.noted(
            .storeReplaced("\(member) has recorded a later state of this node's disk: it was rolled back"))
        dependencies.store.submit(storeID: store) { [self] result in
            isReplacingStore = false
            // If the new store id could not be stored, the next heartbeat that reports the later state starts another
            // attempt.
            guard result == .committed else { return }
            membership.setOwn(storeID: store, isRecovering: true)
            active.recover()
        }
    }

    /// Must be called at least ten times per heartbeat interval, and every `tickMilliseconds` while `wantsFastTicks`.
    /// Sends gossip, hedges and times out operations, and drives repair.
    package func tick() {
        gossip.tick()
        active?.tick()
        endIteration()
    }

    /// Must be called at the end of every loop iteration. Runs enqueued work and sends the batches gathered for peers.
    package func endIteration() {
        active?.endIteration()
    }
}

package enum MemberStartError: Error, Equatable, Sendable {
    case unreadableRecord
    case contradiction(String)
}

// Requests of clients. They require a bootstrapped cluster.
extension ClusterNode {
    package func put(
        _ value: [UInt8], table: TableState, key: ItemKey, consistency: Consistency, trace: RequestTrace,
        completion: @escaping (Coordinator.WriteAnswer) -> Void
    ) {
        coordinator.put(value, key, in: table, consistency, trace: trace, completion: completion)
    }

    package func delete(
        table: TableState, key: ItemKey, consistency: Consistency, trace: RequestTrace,
        completion: @escaping (Coordinator.WriteAnswer) -> Void
    ) {
        coordinator.delete(key, in: table, consistency, trace: trace, completion: completion)
    }

    /// Reads an item. Returns the answer at once, and never calls `completion`, if this node may answer alone and needs
    /// no disk read. Otherwise returns nil, and `completion` receives the answer.
    package func get(
        table: TableState, key: ItemKey, consistency: Consistency, trace: RequestTrace,
        completion: @escaping (Coordinator.ReadAnswer) -> Void
    ) -> Coordinator.ReadAnswer? {
        coordinator.get(key, in: table, consistency, trace: trace, completion: completion)
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
        guard let active else { preconditionFailure("a client was served before the cluster was bootstrapped") }
        return active.coordinator
    }
}

// Receives the heartbeats and the batches of calls that other nodes send.
extension ClusterNode {
    /// Answers a message of another node, or rejects it. `completion` may be called before this returns.
    package func receive(
        _ message: [UInt8], over lane: PeerLane, completion: @escaping (Result<[UInt8], PeerRejection>) -> Void
    ) {
        do throws(WireError) {
            guard lane == .gossip else { return receive(try CallBatch(decoding: message), completion: completion) }
            let answer = gossip.receive(try GossipMessage(decoding: message))
            if case .failure(let rejection) = answer { dependencies.observer.noted(.refusedMessage(rejection.reason)) }
            completion(answer.map(\.encoded))
        } catch {
            reject("\(error)", isMalformed: true, completion)
        }
    }

    private func receive(_ batch: CallBatch, completion: @escaping (Result<[UInt8], PeerRejection>) -> Void) {
        guard let active else {
            return reject("the cluster is not bootstrapped on \(dependencies.settings.nodeID) yet", completion)
        }
        if let why = active.roster.rejectionReason(batch.envelope) { return reject(why, completion) }
        active.answer(batch) { completion(.success($0)) }
    }

    private func reject(
        _ why: String, isMalformed: Bool = false, _ completion: (Result<[UInt8], PeerRejection>) -> Void
    ) {
        dependencies.observer.noted(.refusedMessage(why))
        completion(.failure(PeerRejection(why, isMalformed: isMalformed)))
    }
}

// The state of this node and of its cluster, which /readyz, the metrics and the status page show.
extension ClusterNode {
    /// The cluster record; nil until the cluster is bootstrapped. No client is served before.
    package var record: ClusterRecord? { active?.record }

    /// Why the cluster is not bootstrapped yet, in sentences; empty when it is.
    package var bootstrapProblems: [String] {
        guard active == nil else { return [] }
        return [bootstrap.problem ?? "the cluster is not bootstrapped yet"] + gossip.problems
    }

    /// Whether this node recovers from the loss of its disk: it stores writes and does not vote in reads.
    package var isRecovering: Bool { membership.own.isRecovering }

    package var members: [MemberStatus] {
        membership.statuses(nowMilliseconds: dependencies.clock.monotonicMilliseconds)
    }

    package var catalog: Catalog { dependencies.tables.catalog }

    /// Merges the table states that the store holds after it was reopened: a change that was answered as unknown may
    /// have become durable.
    package func adopt(_ states: [TableState]) {
        for state in states { dependencies.tables.merge(state) }
    }

    /// The members that hold the key, the primary first; empty until the cluster is bootstrapped.
    package func preferenceList(of key: ItemKey) -> [NodeID] {
        guard let roster = active?.roster else { return [] }
        let place = KeyPlace(key: key, partitions: roster.record.partitions)
        return roster.preferenceList(partition: place.partition).map(roster.nodeID)
    }

    /// The members that hold a partition, the primary first; empty until the cluster is bootstrapped.
    package func replicas(of partition: PartitionID) -> [MemberIndex] {
        active?.roster.preferenceList(partition: partition) ?? []
    }

    package var operationsRunning: Int { active?.operationsRunning ?? 0 }

    /// Whether `tick` is needed every `tickMilliseconds`: operations run, or paced repair waits to continue.
    package var wantsFastTicks: Bool {
        guard let active else { return false }
        return operationsRunning > 0 || active.handoff.isPaused || active.antiEntropy.isPaused
    }

    /// The number of bytes in the queues of calls to all peers.
    package var waitingBytes: Int { active?.waitingBytes ?? 0 }

    /// Durably drops the record that this node accepted and that is not bootstrapped, so that bootstrap starts over.
    /// `completion` gets the reason when that is refused, and may be called before this returns.
    package func abortBootstrap(completion: @escaping (AbortBootstrapRefusal?) -> Void) {
        bootstrap.abort(completion: completion)
    }
}
