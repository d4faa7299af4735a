/// The running state of a node once it is a member of a bootstrapped cluster: it exists only after bootstrap, while
/// `ClusterNode`, which owns it, exists for the whole life of the process.
final class ActiveMember {
    let roster: MemberRoster
    let replica: Replica
    let coordinator: Coordinator
    let handoff: HintedHandoff
    let antiEntropy: AntiEntropy
    let purger: Purger
    private let membership: Membership
    private let dependencies: MemberDependencies
    private let pendingHints: PendingHints
    private let policy: MemberPolicy
    private let scheduler: OperationScheduler
    private let activity: ClientActivity
    private let links: PeerLinks
    private let router: PeerRouter

    init(_ record: ClusterRecord, membership: Membership, dependencies: MemberDependencies) {
        self.membership = membership
        self.dependencies = dependencies
        let clock = dependencies.clock
        let roster = MemberRoster(record, membership: membership, clock: clock)
        pendingHints = PendingHints(store: dependencies.store)
        policy = MemberPolicy(roster: roster, pendingHints: pendingHints, clock: clock)
        replica = Replica(
            store: dependencies.store, catalog: dependencies.tables,
            recentWrites: record.members.count > 1
                ? RecentWrites(clock: clock, slots: dependencies.settings.recentWriteSlots) : nil,
            policy: policy, tracer: dependencies.tracer)
        scheduler = OperationScheduler(dependencies)
        let activity = ClientActivity(scheduler: scheduler, clock: clock)
        let isBusy = { activity.isBusy }
        links = PeerLinks(roster: roster, scheduler: scheduler, dependencies: dependencies)
        router = PeerRouter(
            roster: roster, replica: replica, links: links, scheduler: scheduler, tracer: dependencies.tracer)
        handoff = HintedHandoff(
            calls: router, pendingHints: pendingHints, dependencies: dependencies, isBusy: isBusy)
        coordinator = Coordinator(
            OperationServices(
                roster: roster, calls: router, scheduler: scheduler, handoff: handoff, dependencies: dependencies))
        antiEntropy = AntiEntropy(replica: replica, calls: router, dependencies: dependencies, isBusy: isBusy)
        purger = Purger(
            replica: replica, calls: router, dependencies: dependencies,
            slowestOffset: { roster.slowestClockOffset })
        self.roster = roster
        self.activity = activity
        if membership.own.isRecovering { recover() }
    }

    var record: ClusterRecord { roster.record }

    /// The number of bytes in the queues of calls to all peers.
    var waitingBytes: Int { links.waitingBytes }
}

extension ActiveMember {
    func tick() {
        links.expireWaiting()
        scheduler.tick()
        handoff.tick()
        if let recovery = policy.recovery {
            recovery.tick()
        } else {
            antiEntropy.tick()
            purger.tick()
        }
    }

    func endIteration() {
        repeat {
            scheduler.runEnqueued()
            links.flush()
        } while scheduler.hasEnqueued
    }

    var operationsRunning: Int { scheduler.operationsRunning }

    /// A member answers again: its hints are replayed first, then anti-entropy starts with it.
    func didRecover(_ nodeID: NodeID) {
        guard let member = roster.index(of: nodeID) else { return }
        pendingHints.didRecover(member)
        antiEntropy.didRecover(member)
    }
}

// Recovery of this node after the loss or rollback of its disk.
extension ActiveMember {
    /// Starts recovery, or restarts it from the beginning: this node's store is not the one that other members expect.
    func recover() {
        guard roster.selfIndex != nil else { return }
        membership.setOwn(isRecovering: true)
        policy.recovery = Recovery(
            replica: replica, calls: router, dependencies: dependencies,
            onComplete: { [unowned self] in self.finishRecovery($0) })
    }

    /// Ends the recovery after storing durably that it is complete, so that it does not start again after a restart.
    private func finishRecovery(_ finished: Recovery) {
        let store = membership.own.storeID
        dependencies.store.submit(.recovery, RecoveryRow.complete(store)) { [self] result in
            // A newer recovery may have started while this one's completion was being stored.
            guard policy.recovery === finished else { return }
            guard result == .committed else { return recover() }
            policy.recovery = nil
            membership.setOwn(isRecovering: false)
            dependencies.observer.noted(.recovered)
        }
    }

    var recoveryStatus: ClusterNode.RecoveryStatus? {
        guard let recovery = policy.recovery else { return nil }
        let (done, all) = recovery.progress
        return ClusterNode.RecoveryStatus(explanation: recovery.problem, wholePartitions: done, partitions: all)
    }

    /// Ends the running recovery although data may be lost. Returns false if no recovery is running.
    func acceptDataLoss() -> Bool {
        guard let recovery = policy.recovery, recovery.phase != .complete else { return false }
        recovery.acceptLoss()
        return true
    }

    var knowsCatalog: Bool { policy.knowsCatalog }
}

// Answers and counts the calls that other nodes send in batches.
extension ActiveMember {
    /// Answers the calls of a batch from another member. Requires: `roster.rejectionReason` is nil for the batch's
    /// envelope.
    func answer(_ batch: CallBatch, completion: @escaping ([UInt8]) -> Void) {
        guard let sender = roster.index(of: batch.envelope.sender) else {
            preconditionFailure("a batch was accepted from a node that is no member")
        }
        roster.learn(batch.envelope.replacements)
        if batch.calls.contains(where: { $0.trace != .none }) { activity.serve() }
        let gathering = AnswerGathering(count: batch.calls.count) { [roster] answers in
            completion(AnswerBatch(roster.envelope(to: sender), answers: answers).encoded)
        }
        let (clock, tracer) = (dependencies.clock, dependencies.tracer)
        for (index, call) in batch.calls.enumerated() {
            let began = clock.monotonicNanoseconds
            let work = tracer.begin(.serve(call.operation, sender: batch.envelope.sender), parent: call.trace)
            replica.answer(call.traced(by: work), of: sender) { [self] answer in
                tracer.end(work, .answered(answer))
                count(call, answer, since: began, as: work, of: batch.envelope.sender)
                gathering.set(answer, at: index)
            }
        }
    }

    private func count(
        _ call: PeerCall, _ answer: PeerAnswer, since began: UInt64, as work: RequestTrace, of sender: NodeID
    ) {
        guard let (kind, table) = call.counted else { return }
        dependencies.observer.received(
            ReceivedOperation(
                kind: kind, table: table, succeeded: answer.isSuccess,
                nanoseconds: dependencies.clock.monotonicNanoseconds - began, trace: work, sender: sender))
    }
}

extension PeerCall {
    /// How the call is counted as an operation on an item; a version request counts as a get. Nil for calls that
    /// concern no single item, and for those that replicas make on their own account.
    fileprivate var counted: (ReceivedOperation.Kind, TableState)? {
        switch operation {
        case .get(let table, _), .version(let table, _): return (.get, table)
        case .put(let table, _, let item): return (item.isTombstone ? .delete : .put, table)
        case .repair(let table, _, let item):
            // Only repairs that serve a client's operation have a trace; those by anti-entropy are not counted as an
            // operation.
            guard trace != .none else { return nil }
            return (item.isTombstone ? .delete : .put, table)
        case .readTable, .writeTable, .page, .sums, .readCatalog, .compare, .leaves, .list, .promise, .purge: return nil
        }
    }
}

/// Collects the answers to the calls of one batch, and calls `completion` with all of them when the last has arrived.
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
