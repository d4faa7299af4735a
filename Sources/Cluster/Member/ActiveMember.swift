/// A node in a cluster that is formed: the way to the other members, and what it does for clients, for them, and for
/// the whole of the data.
final class ActiveMember {
    /// How long after the last call for a client this node is taken to be at work for them.
    private static let servingMilliseconds: UInt64 = 100

    let record: ClusterRecord
    /// Nil on a node that the record does not list.
    let selfIndex: Int?
    private let recordHash: UInt64
    private let membership: Membership
    private let parts: MemberDependencies
    private let placement: Placement
    private let indexes: [String: Int]
    /// As of `knownChange` of the membership.
    private var standings: [Liveness] = []
    private var stores: [StoreID] = []
    private var replacements: [Envelope.Replacement] = []
    private var knownChange = -1
    private var shared: [Int: [Int]] = [:]
    private var builtSubsystems: Subsystems?
    /// When it last did something for a client of another node.
    private var servedAt: UInt64?
    /// While this node's store is not whole.
    private(set) var recovery: Recovery?

    /// What needs the member to exist first.
    private struct Subsystems {
        let replica: Replica
        let coordinator: Coordinator
        let hub: PeerHub
        let handoff: HintedHandoff
        let antiEntropy: AntiEntropy
        let purger: Purger
    }

    init(_ record: ClusterRecord, membership: Membership, parts: MemberDependencies) {
        self.record = record
        self.membership = membership
        self.parts = parts
        recordHash = record.hash
        placement = Placement(record: record)
        let pairs = record.members.enumerated().map { ($1.nodeID, $0) }
        indexes = Dictionary(pairs) { first, _ in first }
        selfIndex = indexes[membership.own.nodeID]
        builtSubsystems = grow()
        if membership.own.isRecovering { recover() }
    }

    private func grow() -> Subsystems {
        let (clock, settings, observer, tables) = (parts.clock, parts.settings, parts.observer, parts.tables)
        let recentWrites = record.members.count > 1
            ? RecentWrites(clock: clock, slots: settings.recentWriteSlots) : nil
        let replica = Replica(
            store: parts.store, catalog: tables, recentWrites: recentWrites, standing: self, tracer: parts.tracer)
        let coordinator = Coordinator(
            calls: self, store: parts.store, clock: clock, random: parts.random, observer: observer,
            tracer: parts.tracer, settings: settings, catalog: { tables.catalog })
        let isBusy = { [unowned self, unowned coordinator] in coordinator.operationsRunning > 0 || self.serves }
        let handoff = HintedHandoff(
            store: parts.store, calls: self, clock: clock, observer: observer, tracer: parts.tracer,
            settings: settings, catalog: { tables.catalog }, isBusy: isBusy)
        coordinator.keepHint = { [unowned handoff] in handoff.keep($0, of: $1, for: $2, missedBecause: $3) }
        return Subsystems(
            replica: replica, coordinator: coordinator,
            hub: PeerHub(transport: parts.transport, clock: clock, view: self) { coordinator.enqueue($0) },
            handoff: handoff,
            antiEntropy: AntiEntropy(
                replica: replica, calls: self, clock: clock, observer: observer, settings: settings,
                sharedPartitions: { [unowned self] in self.sharedPartitions(with: $0) }, isBusy: isBusy,
                hasPendingHints: { [unowned handoff] in handoff.hasPendingHints($0) }),
            purger: Purger(
                replica: replica, calls: self, clock: clock, observer: observer, settings: settings,
                slowestOffset: { [membership] in membership.slowestClockOffset }))
    }

    private var whole: Subsystems {
        guard let builtSubsystems else { preconditionFailure("a member was used before it was whole") }
        return builtSubsystems
    }

    var replica: Replica { whole.replica }
    var coordinator: Coordinator { whole.coordinator }
    var handoff: HintedHandoff { whole.handoff }
    var antiEntropy: AntiEntropy { whole.antiEntropy }
    var purger: Purger { whole.purger }
    private var hub: PeerHub { whole.hub }

    /// Bytes that wait to be sent to all peers.
    var waitingBytes: Int { hub.waitingBytes }

    /// As gossip last told it.
    func description(of index: Int) -> NodeDescription? { membership.description(of: name(index)) }

    func name(_ index: Int) -> String { record.members[index].nodeID }
    func index(of nodeID: String) -> Int? { indexes[nodeID] }
}

extension ActiveMember {
    func tick() {
        hub.expireWaiting()
        coordinator.tick()
        handoff.tick()
        if let recovery {
            recovery.tick()
        } else {
            antiEntropy.tick()
            purger.tick()
        }
    }

    func endIteration() {
        repeat {
            coordinator.runEnqueued()
            hub.flush()
        } while coordinator.hasEnqueued
    }

    func didRecover(_ nodeID: String) {
        guard let member = indexes[nodeID] else { return }
        handoff.didRecover(member)
        antiEntropy.didRecover(member)
    }
}

// Recovery.
extension ActiveMember {
    /// This node's store is not what others believe it to be. What was done for an earlier one counts for nothing.
    func recover() {
        guard selfIndex != nil else { return }
        membership.setOwn(isRecovering: true)
        recovery = Recovery(
            replica: replica, calls: self, clock: parts.clock, settings: parts.settings,
            sharedPartitions: { [unowned self] in self.sharedPartitions(with: $0) },
            onWhole: { [unowned self] in self.becomeWhole($0) })
    }

    /// Only when it is known durably, so that it does not begin anew after a restart.
    private func becomeWhole(_ finished: Recovery) {
        let store = membership.own.storeID
        parts.store.submit(.recovery, RecoveryRow.whole(store)) { [self] result in
            // Another one has begun meanwhile.
            guard recovery === finished else { return }
            guard result == .committed else { return recover() }
            recovery = nil
            membership.setOwn(isRecovering: false)
            parts.observer.noted(.recovered)
        }
    }

    var recoveryStatus: ClusterNode.RecoveryStatus? {
        guard let recovery else { return nil }
        let (done, all) = recovery.progress
        return ClusterNode.RecoveryStatus(explanation: recovery.problem, wholePartitions: done, partitions: all)
    }

    func acceptDataLoss() -> Bool {
        guard let recovery, recovery.phase != .whole else { return false }
        recovery.acceptLoss()
        return true
    }
}

extension ActiveMember: ReplicaPolicy {
    var partitions: Int { record.partitions }

    var votes: Bool { recovery == nil && membership.ownIsConfirmed }

    var takesWrites: Bool { recovery?.knowsCatalog ?? true }

    var knowsCatalog: Bool { recovery?.knowsCatalog ?? membership.ownIsConfirmed }

    func sharedPartitions(with member: Int) -> [Int] {
        if let known = shared[member] { return known }
        guard let selfIndex else { return [] }
        let both = (0..<record.partitions).filter { partition in
            let list = placement.preferenceList(partition: partition)
            return list.contains(selfIndex) && list.contains(member)
        }
        shared[member] = both
        return both
    }

    func hasHintsUnderWay(to member: Int) -> Bool { handoff.hasPendingHints(member) }

    func objection(toPurging mark: HybridTimestamp) -> String? {
        if recovery != nil { return "it lost its disk and is not whole yet" }
        if let clockProblem { return clockProblem }
        if PlantedFault.tombstonePurgedEarly.isPlanted { return nil }
        return mark.milliseconds + record.gcGraceMilliseconds <= parts.clock.wallMilliseconds
            ? nil : "by its clock, gc-grace has not passed"
    }
}

extension ActiveMember: PeerCalls {
    func preferenceList(partition: Int) -> [Int] { placement.preferenceList(partition: partition) }

    func standing(of member: Int) -> Liveness {
        refresh()
        return standings[member]
    }

    func storeID(of member: Int) -> StoreID {
        refresh()
        return stores[member]
    }

    private func refresh() {
        guard knownChange != membership.changes else { return }
        knownChange = membership.changes
        standings = record.members.map { membership.standing(of: $0.nodeID) }
        stores = record.members.map(membership.storeID)
        replacements = record.members.indices.filter { stores[$0] != record.members[$0].storeID }
            .map { Envelope.Replacement(member: UInt16($0), storeID: stores[$0]) }
    }

    var ownIsConfirmed: Bool { membership.ownIsConfirmed }

    var clockProblem: String? {
        let limit = record.gcGraceMilliseconds / 4
        let distance = membership.distanceFromMedianClock
        guard distance > limit else { return nil }
        return "the wall clock of \(membership.own.nodeID) is \(distance) ms from the median of the members'; at most "
            + "a quarter of --gc-grace (\(limit) ms) is allowed"
    }

    func call(
        _ member: Int, _ operation: PeerCall.Operation, over lane: PeerLane, trace: RequestTrace,
        timeoutMilliseconds: UInt64, completion: @escaping (Result<PeerAnswer, PeerFailure>) -> Void
    ) {
        guard member == selfIndex else {
            return callPeer(member, operation, over: lane, trace, timeoutMilliseconds, completion)
        }
        let call = PeerCall(
            operation, remainingMilliseconds: UInt32(clamping: timeoutMilliseconds), trace: trace)
        coordinator.enqueue { self.replica.answer(call, of: member) { completion(.success($0)) } }
    }

    private func callPeer(
        _ member: Int, _ operation: PeerCall.Operation, over lane: PeerLane, _ trace: RequestTrace,
        _ timeoutMilliseconds: UInt64, _ completion: @escaping (Result<PeerAnswer, PeerFailure>) -> Void
    ) {
        guard trace.isRecorded else {
            return hub[member].call(
                operation, over: lane, trace: trace, timeoutMilliseconds: timeoutMilliseconds,
                completion: completion)
        }
        let tracer = parts.tracer
        let work = tracer.begin(.call(operation, member: member), parent: trace)
        hub[member].call(
            operation, over: lane, trace: work, timeoutMilliseconds: timeoutMilliseconds
        ) { answer in
            tracer.end(work, ClusterWorkEnd(answer))
            completion(answer)
        }
    }
}

extension ActiveMember: PeerView {
    func address(of member: Int) -> String? { membership.address(of: record.members[member].nodeID) }

    func envelope(to member: Int) -> Envelope {
        refresh()
        let own = membership.own
        return Envelope(
            clusterID: record.clusterID, recordHash: recordHash, sender: own.nodeID,
            target: record.members[member].nodeID, storeID: own.storeID, bootNonce: own.bootNonce,
            replacements: replacements)
    }

    func accepts(_ envelope: Envelope, from member: Int) -> Bool {
        guard envelope.sender == record.members[member].nodeID, refusal(of: envelope) == nil else { return false }
        // [A's ack is late, and B's has said that A's disk was replaced.]
        guard envelope.storeID == storeID(of: member) else { return false }
        learn(envelope.replacements)
        return true
    }

    private func learn(_ replacements: [Envelope.Replacement]) {
        for replacement in replacements where replacement.member < record.members.count {
            membership.learn(of: record.members[Int(replacement.member)], storeID: replacement.storeID)
        }
    }

    func answered(_ member: Int) {
        membership.answered(record.members[member].nodeID, nowMilliseconds: parts.clock.monotonicMilliseconds)
    }

    func failed(_ member: Int, _ failure: PeerFailure) {
        if failure == .refused { membership.refusedConnection(record.members[member].nodeID) }
    }
}

// What other nodes ask.
extension ActiveMember {
    /// Why a message with this envelope is none of ours; nil when it is.
    func refusal(of envelope: Envelope) -> String? {
        guard envelope.clusterID == record.clusterID, envelope.recordHash == recordHash else {
            return "\(envelope.sender) belongs to another cluster (\(envelope.clusterID)) than "
                + "\(membership.own.nodeID) (\(record.clusterID))"
        }
        guard envelope.target == membership.own.nodeID else {
            return "the message is meant for \(envelope.target), and this is \(membership.own.nodeID)"
        }
        return membership.refusal(of: envelope)
    }

    /// Whether clients of other nodes, or those whose writes come as hints, have their work done here.
    private var serves: Bool {
        guard let servedAt else { return false }
        return parts.clock.monotonicMilliseconds < servedAt + Self.servingMilliseconds
    }

    func answer(_ batch: CallBatch, completion: @escaping ([UInt8]) -> Void) {
        guard let sender = indexes[batch.envelope.sender] else {
            preconditionFailure("a stranger's batch was accepted")
        }
        learn(batch.envelope.replacements)
        if batch.calls.contains(where: { $0.trace != .none }) { servedAt = parts.clock.monotonicMilliseconds }
        let gathering = AnswerGathering(count: batch.calls.count) { [self] answers in
            completion(AnswerBatch(envelope(to: sender), answers: answers).encoded)
        }
        for (index, call) in batch.calls.enumerated() {
            let began = parts.clock.monotonicNanoseconds
            let work = parts.tracer.begin(
                .serve(call.operation, sender: batch.envelope.sender), parent: call.trace)
            replica.answer(call.traced(by: work), of: sender) { [self] answer in
                parts.tracer.end(work, .answered(answer))
                count(call, answer, since: began, as: work, of: batch.envelope.sender)
                gathering.set(answer, at: index)
            }
        }
    }

    private func count(
        _ call: PeerCall, _ answer: PeerAnswer, since began: UInt64, as work: RequestTrace, of sender: String
    ) {
        guard let (kind, table) = call.counted else { return }
        parts.observer.received(
            ReceivedOperation(
                kind: kind, table: table, succeeded: answer.isSuccess,
                nanoseconds: parts.clock.monotonicNanoseconds - began, trace: work, sender: sender))
    }
}

extension PeerCall {
    /// Nil of what concerns no single item, and of what replicas do on their own account. To ask for a version is to
    /// read.
    fileprivate var counted: (ReceivedOperation.Kind, TableState)? {
        switch operation {
        case .get(let table, _), .version(let table, _): return (.get, table)
        case .put(let table, _, let item): return (item.isTombstone ? .delete : .put, table)
        case .repair(let table, _, let item):
            // A write-back of a client's operation, or anti-entropy's.
            guard trace != .none else { return nil }
            return (item.isTombstone ? .delete : .put, table)
        case .readTable, .writeTable, .page, .sums, .readCatalog, .compare, .leaves, .list, .promise, .purge: return nil
        }
    }
}

/// The answers to one batch, until the last has come.
private final class AnswerGathering {
    private var answers: [PeerAnswer?]
    private var missing: Int
    private let completion: ([PeerAnswer]) -> Void

    init(count: Int, completion: @escaping ([PeerAnswer]) -> Void) {
        answers = Array(repeating: nil, count: count)
        missing = count
        self.completion = completion
        if count == 0 { completion([]) }
    }

    func set(_ answer: PeerAnswer, at index: Int) {
        precondition(answers[index] == nil, "a call was answered twice")
        answers[index] = answer
        missing -= 1
        if missing == 0 { completion(answers.compactMap(\.self)) }
    }
}
