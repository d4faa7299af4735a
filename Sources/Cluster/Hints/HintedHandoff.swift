/// Hinted handoff: stores a hint when a write misses one of its replicas, replays the hints when the replica answers
/// again, and drops hints that are older than the hint window. (DeCandia et al., "Dynamo", 2007, section 4.6.)
final class HintedHandoff {
    private static let replayIntervalMilliseconds: UInt64 = 1_000
    /// How many times per hint window expired hints of unavailable targets are looked for.
    private static let sweepsPerWindow: UInt64 = 8
    /// After this many replay passes that delivered nothing, anti-entropy no longer waits for the target's hints.
    private static let failedPassLimit = 3

    private let store: any ReplicaStore
    private unowned let calls: any PeerCalls
    private let clock: any TimeSource
    private let observer: any ClusterObserver
    private let tracer: any ClusterTracer
    private let settings: MemberSettings
    private let catalog: () -> Catalog
    /// Whether client operations are running; replay is paced then.
    private let isBusy: () -> Bool
    private var replays: [Int: HintReplay] = [:]
    /// By target, the number of replay passes since its recovery that delivered nothing. A completed pass sets it to
    /// the limit, because no hint is left to wait for.
    private var failedPasses: [Int: Int] = [:]
    private var nextReplayAt: UInt64 = 0
    private var nextSweepAt: UInt64

    init(
        store: any ReplicaStore, calls: any PeerCalls, clock: any TimeSource, observer: any ClusterObserver,
        tracer: any ClusterTracer, settings: MemberSettings, catalog: @escaping () -> Catalog,
        isBusy: @escaping () -> Bool
    ) {
        self.store = store
        self.calls = calls
        self.clock = clock
        self.observer = observer
        self.tracer = tracer
        self.settings = settings
        self.catalog = catalog
        self.isBusy = isBusy
        nextSweepAt = clock.monotonicMilliseconds
    }

    /// Stores a hint for a replica that did not acknowledge a write.
    func keep(_ item: StoredItem, of key: KeyOnReplicas, for target: Int, missedBecause result: SendResult) {
        let missed = MissedWrite(item, key, target, result)
        let hint = Hint(
            target: target, write: ReplicaWrite(table: key.tableID, key: key.key, item: item), trace: key.trace,
            storedAt: now)
        let work = tracer.begin(.keepHint(target: target), parent: key.trace)
        store.submit(hint) { [self] result in
            tracer.end(work, .written(result, store.lastCommit))
            observer.noted(.missed(missed, ClusterEvent.HintFate(result)))
        }
    }

    private var now: HintTime {
        HintTime(wallMilliseconds: clock.wallMilliseconds, uptimeMilliseconds: store.uptimeMilliseconds)
    }

    func tick() {
        let monotonic = clock.monotonicMilliseconds
        for (_, replay) in replays.sorted(by: { $0.key < $1.key }) { replay.tick() }
        if monotonic >= nextReplayAt {
            nextReplayAt = monotonic + Self.replayIntervalMilliseconds
            failedPasses = failedPasses.filter { calls.standing(of: $0.key).answers }
            for target in targets where calls.standing(of: target).answers { replay(target, onlyExpired: false) }
        }
        if monotonic >= nextSweepAt {
            nextSweepAt = monotonic + max(calls.record.hintWindowMilliseconds / Self.sweepsPerWindow, 1_000)
            for target in targets where !calls.standing(of: target).answers { replay(target, onlyExpired: true) }
        }
    }

    /// Whether hints are being replayed to a member or soon will be. Hints that several passes could not deliver do not
    /// count, so that anti-entropy does not wait for them forever.
    func hasPendingHints(_ target: Int) -> Bool {
        (store.hintTotals[target]?.pending ?? 0) > 0 && failedPasses[target, default: 0] < Self.failedPassLimit
    }

    /// Whether a paced replay waits before its next page.
    var isPaused: Bool { replays.values.contains(where: \.isPaused) }

    /// Resets the failed passes of a member that is alive again.
    func didRecover(_ target: Int) { failedPasses[target] = nil }

    /// Starts a replay to a member now. Returns false if no hint is pending for it or the member is dead.
    func replayNow(_ target: Int) -> Bool {
        guard targets.contains(target), calls.standing(of: target).takesWrites else { return false }
        replay(target, onlyExpired: false)
        return true
    }

    private var targets: [Int] {
        store.hintTotals.filter { $0.value.pending > 0 && $0.key < calls.record.members.count }.keys.sorted()
    }

    /// Updates the failed passes of a target. The first passes after its return may fail, because it rejects messages
    /// of processes that have not introduced themselves by gossip.
    private func passEnded(_ target: Int, _ replayed: ClusterEvent.Replayed?) {
        guard let replayed, !replayed.isComplete else { return failedPasses[target] = Self.failedPassLimit }
        let deliveredNothing = replayed.puts + replayed.deletes == 0
        failedPasses[target] = deliveredNothing ? failedPasses[target, default: 0] + 1 : 0
    }

    private func replay(_ target: Int, onlyExpired: Bool) {
        guard replays[target] == nil, target != calls.selfIndex else { return }
        let replay = HintReplay(
            to: target, store: store, calls: calls, clock: clock, tracer: tracer, catalog: catalog, now: { self.now },
            timeoutMilliseconds: settings.replicaTimeoutMilliseconds, onlyExpired: onlyExpired, isBusy: isBusy
        ) { [self] in
            replays[target] = nil
            if !onlyExpired { passEnded(target, $0) }
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
