/// What a node does whose store is not the one that its cluster knows: its disk was lost, or went back in time. It
/// takes part in no quorum of reads until it holds again what it may have acknowledged.
///
/// First it asks so many members for their catalogs that one of them knows of every deleted table; until then it stores
/// nothing. Then it waits until every operation has ended that may have counted what the old store said. Then it
/// compares each partition with so many other replicas that they hold every acknowledged write between them, takes
/// their purge marks, and is whole. [A and B acknowledge; A's disk is replaced; A and C agree on "absent".]
final class Recovery {
    enum Phase: Equatable {
        case catalog
        case waiting(untilMilliseconds: UInt64)
        case comparing
        case complete
    }

    private let replica: Replica
    private unowned let calls: any PeerCalls
    private let dependencies: MemberDependencies
    private let clock: any TimeSource
    private let settings: MemberSettings
    private let onComplete: (Recovery) -> Void
    private(set) var phase = Phase.catalog
    /// What it waits for, in words.
    private(set) var problem = "nobody has answered yet"
    /// Members whose catalogs have been merged.
    private var catalogs: Set<MemberIndex> = []
    /// By partition: with whom it has been compared, and the purge marks of these.
    private var compared: [PartitionID: [MemberIndex: HybridTimestamp]] = [:]
    private let ownPartitions: [PartitionID]
    private var session: AntiEntropySession?
    /// The one compared with last: the next ones have their turn before it, whatever came of that.
    private var lastPeer: MemberIndex = -1
    /// Answers are awaited that the next step needs.
    private var isStepping = false
    private var nextAt: UInt64 = 0

    init(
        replica: Replica, calls: any PeerCalls, dependencies: MemberDependencies,
        onComplete: @escaping (Recovery) -> Void
    ) {
        self.replica = replica
        self.calls = calls
        self.dependencies = dependencies
        clock = dependencies.clock
        settings = dependencies.settings
        self.onComplete = onComplete
        ownPartitions = calls.roster.selfIndex.map(replica.policy.sharedPartitions) ?? []
    }

    var knowsCatalog: Bool { phase != .catalog }

    /// How many of this node's partitions are whole, those that the comparison under way has made so included.
    var progress: (done: Int, of: Int) {
        let running = session.map { (peer: $0.peer, inSync: $0.outcome.inSync) }
        let done = ownPartitions.count { partition in
            if isCaughtUp(partition) { return true }
            guard let running, running.inSync[partition] != nil, compared[partition]?[running.peer] == nil
            else { return false }
            return (compared[partition]?.count ?? 0) + 1 >= comparisonsRequired
        }
        return (done, ownPartitions.count)
    }

    func tick() {
        let now = clock.monotonicMilliseconds
        if PlantedFault.emptyDiskVotes.isPlanted, phase != .complete { return finish() }
        guard now >= nextAt, !isStepping, session == nil else { return }
        nextAt = now + RecoveryLimits.againMilliseconds
        switch phase {
        case .catalog: askForCatalogs()
        case .waiting(let until): if now >= until { phase = .comparing }
        case .comparing: compareNext()
        case .complete: break
        }
    }

    /// An operator knows that what this node should hold is nowhere any more, and wants it to serve what there is.
    func acceptLoss() {
        if phase != .complete { finish() }
    }

    private func finish() {
        phase = .complete
        onComplete(self)
    }

    /// Members that are there and are not recovering themselves.
    private var intact: [MemberIndex] {
        let roster = calls.roster
        return roster.record.memberIndexes.filter { $0 != roster.selfIndex && roster.liveness(of: $0).answersReads }
    }

    /// Goes on when all of `count` have arrived, and says whether each was a success.
    private func step(of count: Int, then go: @escaping (_ allDone: Bool) -> Void) -> (Bool) -> Void {
        isStepping = true
        // One more, so that it does not end before all have begun.
        var missing = count + 1
        var allDone = true
        return { [self] isDone in
            missing -= 1
            if !isDone { allDone = false }
            guard missing == 0 else { return }
            isStepping = false
            go(allDone)
        }
    }
}

// The catalog.
extension Recovery {
    /// So many that every deletion that was acknowledged is known to one of them.
    private var catalogsRequired: Int { calls.roster.record.members.count - calls.roster.record.deletionQuorum + 1 }

    private func askForCatalogs() {
        let asked = intact.filter { !catalogs.contains($0) }
        guard catalogs.count + asked.count >= catalogsRequired else {
            problem = "too few intact members answer: the catalogs of \(catalogsRequired) are needed"
            return
        }
        let arrived = step(of: asked.count) { [self] _ in
            if catalogs.count >= catalogsRequired { beginWaiting() }
        }
        for member in asked {
            calls.call(
                member, .readCatalog, over: .bulk, trace: .none,
                timeoutMilliseconds: settings.replicaTimeoutMilliseconds
            ) { [self] in merge($0, of: member, completion: arrived) }
        }
        arrived(true)
    }

    private func merge(
        _ answer: Result<PeerAnswer, PeerFailure>, of member: MemberIndex, completion: @escaping (Bool) -> Void
    ) {
        guard case .success(.catalog(let states)) = answer else {
            problem = "\(calls.roster.record.members[member].nodeID): \(answer.failureText)"
            return completion(false)
        }
        var missing = states.count + 1
        var allStored = true
        let arrived = { [self] (answer: PeerAnswer) in
            missing -= 1
            if answer != .stored { allStored = false }
            guard missing == 0 else { return }
            if allStored { catalogs.insert(member) }
            completion(allStored)
        }
        for state in states { replica.catalog.adopt(state, completion: arrived) }
        arrived(.stored)
    }

    /// Until every operation has ended that may have counted an acknowledgement of the old store.
    private func beginWaiting() {
        let wait = settings.operationTimeoutMilliseconds + settings.replicaTimeoutMilliseconds
        problem = "waiting for operations that began before the disk was lost"
        phase = .waiting(untilMilliseconds: clock.monotonicMilliseconds + wait)
    }
}

// The rows.
extension Recovery {
    /// As many others as any read quorum has, so that one of them holds whatever W members acknowledged.
    private var comparisonsRequired: Int {
        let quorums = calls.roster.record.quorums
        return min(quorums.read, quorums.replicas - 1)
    }

    private func isCaughtUp(_ partition: PartitionID) -> Bool {
        comparisonsRequired > 0 && (compared[partition]?.count ?? 0) >= comparisonsRequired
    }

    private func compareNext() {
        guard comparisonsRequired > 0 else {
            problem = "there is no other replica to learn from"
            return
        }
        let wanting = ownPartitions.filter { !isCaughtUp($0) }
        guard !wanting.isEmpty else { return adoptMarks() }
        let useful = intact.filter { peer in
            let shared = Set(replica.policy.sharedPartitions(with: peer))
            return wanting.contains { shared.contains($0) && compared[$0]?[peer] == nil }
        }
        guard let peer = useful.first(where: { $0 > lastPeer }) ?? useful.first else {
            problem = "too few intact replicas answer: \(comparisonsRequired) of each partition are needed"
            return
        }
        lastPeer = peer
        let session = AntiEntropySession(
            with: peer, replica: replica, calls: calls, dependencies: dependencies, mode: .restore
        ) { [self] in ended($0, with: peer) }
        self.session = session
        session.start()
    }

    private func ended(_ outcome: AntiEntropySession.Outcome, with peer: MemberIndex) {
        session = nil
        for (partition, mark) in outcome.inSync { compared[partition, default: [:]][peer] = mark }
        let (done, all) = progress
        problem = "\(done) of \(all) partitions are caught up"
        if let failure = outcome.failure { problem += "; \(calls.roster.record.members[peer].nodeID): \(failure)" }
        if !outcome.isPartial { nextAt = 0 }
    }

    /// What the others have purged is not to be taken for missing here any more. One partition after the other.
    private func adoptMarks() {
        let next = ownPartitions.lazy.compactMap { [self] partition -> (PartitionID, HybridTimestamp)? in
            guard let mark = compared[partition]?.values.max(), mark > replica.store.mark(of: partition).purged
            else { return nil }
            return (partition, mark)
        }.first
        guard let (partition, mark) = next else { return finish() }
        isStepping = true
        LocalPurge(replica.store, partition: partition, mark: mark) { [self] answer in
            isStepping = false
            if answer == .stored { adoptMarks() }
        }.start()
    }
}

extension ClusterRecord {
    /// How many members must know of a table's deletion: no read or write quorum can be had without one of them.
    var deletionQuorum: Int {
        max(members.count / 2 + 1, members.count - min(quorums.read, quorums.write) + 1)
    }
}
