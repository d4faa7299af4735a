/// Hinted handoff: stores a hint when a write misses one of its replicas, replays the hints when the replica answers
/// again, and drops hints that are older than the hint window. (DeCandia et al., "Dynamo", 2007, section 4.6.)
final class HintedHandoff {
    private unowned let calls: any PeerCalls
    private let pendingHints: PendingHints
    private let dependencies: MemberDependencies
    private let store: any ReplicaStore
    private let clock: any TimeSource
    private let observer: any ClusterObserver
    /// Whether client operations are running; replay is paced then.
    private let isBusy: () -> Bool
    private var replays: [MemberIndex: HintReplay] = [:]
    private var nextReplayAt: UInt64 = 0
    private var nextSweepAt: UInt64

    init(
        calls: any PeerCalls, pendingHints: PendingHints, dependencies: MemberDependencies,
        isBusy: @escaping () -> Bool
    ) {
        self.calls = calls
        self.pendingHints = pendingHints
        self.dependencies = dependencies
        store = dependencies.store
        clock = dependencies.clock
        observer = dependencies.observer
        self.isBusy = isBusy
        nextSweepAt = clock.monotonicMilliseconds
    }

    /// Stores a hint for a replica that did not acknowledge a write.
    func keep(
        _ item: StoredItem, of replicas: ReplicaSet, for target: MemberIndex, missedBecause result: SendResult,
        trace: RequestTrace
    ) {
        let missed = MissedWrite(
            target: target, result: result, isDelete: item.isTombstone, table: replicas.table, trace: trace)
        let write = ReplicaWrite(table: replicas.tableID, key: replicas.key, item: item)
        let hint = Hint(target: target, write: write, trace: trace, storedAt: dependencies.hintTime)
        let tracer = dependencies.tracer
        let work = tracer.begin(.keepHint(target: target), parent: trace)
        store.submit(hint) { [self] result in
            tracer.end(work, .written(result, store.lastCommit))
            observer.noted(.missed(missed, ClusterEvent.HintFate(result)))
        }
    }

    func tick() {
        let monotonic = clock.monotonicMilliseconds
        for (_, replay) in replays.sorted(by: { $0.key < $1.key }) { replay.tick() }
        if monotonic >= nextReplayAt {
            nextReplayAt = monotonic + HintLimits.replayIntervalMilliseconds
            pendingHints.keepCounts { calls.roster.liveness(of: $0).answers }
            for target in targets where calls.roster.liveness(of: target).answers { replay(target, onlyExpired: false) }
        }
        if monotonic >= nextSweepAt {
            let window = calls.roster.record.hintWindowMilliseconds
            nextSweepAt = monotonic + max(window / HintLimits.sweepsPerWindow, HintLimits.minimumSweepMilliseconds)
            for target in targets where !calls.roster.liveness(of: target).answers { replay(target, onlyExpired: true) }
        }
    }

    /// Whether a hint replay is waiting before its next page, in order not to slow clients down.
    var isPaused: Bool { replays.values.contains(where: \.isPaused) }

    /// Starts a replay to a member now. Returns false if no hint is pending for it or the member is dead.
    func replayNow(_ target: MemberIndex) -> Bool {
        guard targets.contains(target), calls.roster.liveness(of: target).takesWrites else { return false }
        replay(target, onlyExpired: false)
        return true
    }

    private var targets: [MemberIndex] {
        let members = calls.roster.record.members.count
        return store.hintTotals.filter { $0.value.pending > 0 && $0.key.rawValue < members }.keys.sorted()
    }

    private func replay(_ target: MemberIndex, onlyExpired: Bool) {
        guard replays[target] == nil, target != calls.roster.selfIndex else { return }
        let replay = HintReplay(
            to: target, calls: calls, dependencies: dependencies, onlyExpired: onlyExpired, isBusy: isBusy
        ) { [self] in
            replays[target] = nil
            if !onlyExpired { pendingHints.passEnded(target, $0) }
            if let replayed = $0 { observer.noted(.replayed(replayed)) }
        }
        replays[target] = replay
        replay.start()
    }
}

extension ClusterEvent.HintFate {
    fileprivate init(_ result: WriteResult) {
        self = switch result {
        case .committed: .stored
        case .superseded, .tableDeleted: .unneeded
        case .refused(.hintBudget): .lost(.budget)
        case .refused(.queueFull), .refused(.closing): .lost(.queue)
        case .refused, .failed, .expired: .lost(.disk)
        }
    }
}
