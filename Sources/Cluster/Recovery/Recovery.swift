/// Recovers a node whose disk was lost or rolled back, so that its store is not the one its cluster knows. Until the
/// node holds again everything that it may have acknowledged, its replica does not count in read quorums. [A and B
/// acknowledge a write; A's disk is replaced; A and C form a read quorum and report that the key is absent.]
///
/// 1. It fetches table catalogs from enough members that one of them knows every deleted table. Until then it stores
///    nothing.
/// 2. It waits until all operations that may have counted acknowledgements of the old store have ended.
/// 3. It syncs each partition with enough other replicas that together they hold every acknowledged write, adopts their
///    purge marks, and is recovered.
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
    /// The step or condition that the recovery is waiting for, as text for operators.
    private(set) var problem = "waiting for the first answer of a peer"
    /// The members whose table catalogs this node has fetched and stored.
    private var catalogs: Set<MemberIndex> = []
    /// For each partition, the peers with which this node has synced it, and the purge mark that each peer had.
    private var compared: [PartitionID: [MemberIndex: HybridTimestamp]] = [:]
    private let ownPartitions: [PartitionID]
    private var session: AntiEntropySession?
    /// The peer of the latest session. The search for the next peer starts after it, even if the session failed.
    private var lastPeer: MemberIndex = -1
    /// Whether a step of the recovery is waiting for calls to peers or for a write to its own store.
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

    /// The number of partitions that have caught up, including those that the running session has completed, and the
    /// number of all partitions that this node must recover.
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

    /// Ends the recovery at an operator's request: the missing data exists nowhere else, and the node shall serve what
    /// it has.
    func acceptLoss() {
        if phase != .complete { finish() }
    }

    private func finish() {
        phase = .complete
        onComplete(self)
    }

    /// Peers that are alive or suspect and not recovering themselves.
    private var intact: [MemberIndex] {
        let roster = calls.roster
        return roster.record.memberIndexes.filter { $0 != roster.selfIndex && roster.liveness(of: $0).answersReads }
    }

    /// Begins a part of the recovery that sends `count` calls, and returns the closure that counts their ends: each
    /// call's completion calls it once, and so does the caller after sending them all. The last of these calls `go`
    /// with whether all succeeded.
    private func step(of count: Int, then go: @escaping (_ allDone: Bool) -> Void) -> (Bool) -> Void {
        isStepping = true
        // One more than the number of calls: the code that sends the calls reports once too, after it has sent them
        // all, so that `go` is never called before.
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

// Step 1 of the recovery: fetch the table catalogs of enough members.
extension Recovery {
    /// With catalogs of this many members, every acknowledged table deletion is known to at least one of them.
    private var catalogsRequired: Int { calls.roster.record.members.count - calls.roster.record.deletionQuorum + 1 }

    private func askForCatalogs() {
        let asked = intact.filter { !catalogs.contains($0) }
        guard catalogs.count + asked.count >= catalogsRequired else {
            problem = "too few healthy members answer: the catalogs of \(catalogsRequired) members are needed"
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

    /// Waits until all operations that may have counted an acknowledgement of the old store have ended.
    private func beginWaiting() {
        let wait = settings.operationTimeoutMilliseconds + settings.replicaTimeoutMilliseconds
        problem = "waiting for operations that started before the disk was lost"
        phase = .waiting(untilMilliseconds: clock.monotonicMilliseconds + wait)
    }
}

// Step 3 of the recovery: sync each partition with enough other replicas.
extension Recovery {
    /// The number of peers to sync each partition with: the size of a read quorum, so that one of them holds every
    /// write that W replicas acknowledged.
    private var comparisonsRequired: Int {
        let quorums = calls.roster.record.quorums
        return min(quorums.read, quorums.replicas - 1)
    }

    private func isCaughtUp(_ partition: PartitionID) -> Bool {
        comparisonsRequired > 0 && (compared[partition]?.count ?? 0) >= comparisonsRequired
    }

    private func compareNext() {
        guard comparisonsRequired > 0 else {
            problem = "there is no other replica to recover from"
            return
        }
        let wanting = ownPartitions.filter { !isCaughtUp($0) }
        guard !wanting.isEmpty else { return adoptMarks() }
        let useful = intact.filter { peer in
            let shared = Set(replica.policy.sharedPartitions(with: peer))
            return wanting.contains { shared.contains($0) && compared[$0]?[peer] == nil }
        }
        guard let peer = useful.first(where: { $0 > lastPeer }) ?? useful.first else {
            problem = "too few healthy replicas answer: \(comparisonsRequired) of each partition are needed"
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

    /// Raises this node's purge marks to the highest of the peers', one partition after another, so that rows they have
    /// purged count as deleted here too.
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
    /// The number of members that must store a table's deletion, so that every read and write quorum includes one of
    /// them.
    var deletionQuorum: Int {
        max(members.count / 2 + 1, members.count - min(quorums.read, quorums.write) + 1)
    }
}
