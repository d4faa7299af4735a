/// Schedules anti-entropy: one session with another replica at a time. Peers take turns, one per interval; a peer that
/// has recovered goes first; a peer that was found to differ is synced with again after a second.
final class AntiEntropy {
    /// How far a peer differed in the last successful anti-entropy session with it: the number of rows, and the age of
    /// the oldest of them in milliseconds.
    struct Divergence: Equatable {
        var keys = 0
        var oldestMilliseconds: UInt64 = 0
    }

    private let replica: Replica
    private unowned let calls: any PeerCalls
    private let dependencies: MemberDependencies
    private let clock: any TimeSource
    private let observer: any ClusterObserver
    private let isBusy: () -> Bool
    private(set) var divergence: [MemberIndex: Divergence] = [:]
    private var running: AntiEntropySession?
    private var nextAt: UInt64
    private var nextPeer: MemberIndex = 0
    /// Peers to sync with before their regular turn, with the monotonic time in milliseconds at which to start.
    private var due: [MemberIndex: UInt64] = [:]

    init(
        replica: Replica, calls: any PeerCalls, dependencies: MemberDependencies, isBusy: @escaping () -> Bool
    ) {
        self.replica = replica
        self.calls = calls
        self.dependencies = dependencies
        clock = dependencies.clock
        observer = dependencies.observer
        self.isBusy = isBusy
        nextAt = clock.monotonicMilliseconds + dependencies.settings.antiEntropyIntervalMilliseconds
    }

    /// Schedules a session with a member that is alive again after it was dead or lost its disk. If hints are pending
    /// for it, they are replayed first.
    func didRecover(_ member: MemberIndex) {
        let hasHints = (replica.store.hintTotals[member]?.pending ?? 0) > 0
        due[member] = clock.monotonicMilliseconds + (hasHints ? AntiEntropyLimits.againMilliseconds : 0)
    }

    /// Whether the running anti-entropy session is pausing to leave time for clients.
    var isPaused: Bool { running?.isPaused ?? false }

    func tick() {
        if let running { return running.tick() }
        guard calls.roster.selfIndex != nil else { return }
        let now = clock.monotonicMilliseconds
        if let member = due.filter({ $0.value <= now && isThere($0.key) }).keys.min() {
            guard !replica.policy.hasPendingHints(for: member) else { return postpone(member) }
            due[member] = nil
            return begin(with: member)
        }
        guard now >= nextAt else { return }
        nextAt = now + dependencies.settings.antiEntropyIntervalMilliseconds
        let members = calls.roster.record.members.count
        for _ in 0..<members {
            nextPeer = MemberIndex((nextPeer.rawValue + 1) % members)
            guard isThere(nextPeer), !replica.policy.sharedPartitions(with: nextPeer).isEmpty else { continue }
            guard !replica.policy.hasPendingHints(for: nextPeer) else { return postpone(nextPeer) }
            return begin(with: nextPeer)
        }
    }

    private func postpone(_ peer: MemberIndex) {
        due[peer] = clock.monotonicMilliseconds + AntiEntropyLimits.againMilliseconds
    }

    private func isThere(_ member: MemberIndex) -> Bool {
        member != calls.roster.selfIndex && calls.roster.liveness(of: member).answers
    }

    private func begin(with peer: MemberIndex) {
        let session = AntiEntropySession(
            with: peer, replica: replica, calls: calls, dependencies: dependencies, mode: .compare(isBusy: isBusy)
        ) { [self] in ended($0, with: peer) }
        session.onRepaired = { [observer] in
            observer.noted(.repaired(with: peer, pulled: $0.pulled, pushed: $0.pushed, dropped: $0.dropped))
        }
        running = session
        session.start()
    }

    private func ended(_ outcome: AntiEntropySession.Outcome, with peer: MemberIndex) {
        running = nil
        if !outcome.isPostponed { observer.noted(.compared(with: peer, outcome.observed)) }
        if outcome.failure == nil {
            divergence[peer] = Divergence(keys: outcome.differing, oldestMilliseconds: outcome.oldestMilliseconds)
        }
        if outcome.differing > 0 || outcome.isPartial {
            postpone(peer)
        }
    }
}

extension AntiEntropySession.Outcome {
    var observed: ClusterEvent.Comparison {
        ClusterEvent.Comparison(
            differing: differing, pulled: pulled, pushed: pushed, dropped: dropped, failure: failure)
    }
}
