/// Schedules anti-entropy: one session with another replica at a time. Peers take turns, one per interval; a peer that
/// has recovered goes first; a peer that was found to differ is synced with again after a second.
final class AntiEntropy {
    /// The delay before the next session with a peer that differed or whose session did not complete.
    private static let againMilliseconds: UInt64 = 1_000

    /// The rows in which a peer differed when the last session with it ended.
    struct Divergence: Equatable {
        var keys = 0
        var oldestMilliseconds: UInt64 = 0
    }

    private let replica: Replica
    private unowned let calls: any PeerCalls
    private let clock: any TimeSource
    private let observer: any ClusterObserver
    private let settings: MemberSettings
    private let sharedPartitions: (Int) -> [Int]
    private let isBusy: () -> Bool
    /// Whether hints are pending for a member. They bring most of what it lacks, so anti-entropy waits for them.
    private let hasPendingHints: (Int) -> Bool
    private(set) var divergence: [Int: Divergence] = [:]
    private var running: AntiEntropySession?
    private var nextAt: UInt64
    private var nextPeer = 0
    /// Peers to sync with before their regular turn, with the monotonic time in milliseconds at which to start.
    private var due: [Int: UInt64] = [:]

    init(
        replica: Replica, calls: any PeerCalls, clock: any TimeSource, observer: any ClusterObserver,
        settings: MemberSettings, sharedPartitions: @escaping (Int) -> [Int], isBusy: @escaping () -> Bool,
        hasPendingHints: @escaping (Int) -> Bool
    ) {
        self.replica = replica
        self.calls = calls
        self.clock = clock
        self.observer = observer
        self.settings = settings
        self.sharedPartitions = sharedPartitions
        self.isBusy = isBusy
        self.hasPendingHints = hasPendingHints
        nextAt = clock.monotonicMilliseconds + settings.antiEntropyIntervalMilliseconds
    }

    /// Schedules a session with a member that is alive again after it was dead or lost its disk. Hints that are pending
    /// for it are replayed first.
    func didRecover(_ member: Int) {
        let hasHints = (replica.store.hintTotals[member]?.pending ?? 0) > 0
        due[member] = clock.monotonicMilliseconds + (hasHints ? Self.againMilliseconds : 0)
    }

    /// Whether the running session pauses to leave time for clients.
    var isPaused: Bool { running?.isPaused ?? false }

    func tick() {
        if let running { return running.tick() }
        guard calls.selfIndex != nil else { return }
        let now = clock.monotonicMilliseconds
        if let member = due.filter({ $0.value <= now && isThere($0.key) }).keys.min() {
            guard !hasPendingHints(member) else { return due[member] = now + Self.againMilliseconds }
            due[member] = nil
            return begin(with: member)
        }
        guard now >= nextAt else { return }
        nextAt = now + settings.antiEntropyIntervalMilliseconds
        let members = calls.record.members.count
        for _ in 0..<members {
            nextPeer = (nextPeer + 1) % members
            guard isThere(nextPeer), !sharedPartitions(nextPeer).isEmpty else { continue }
            guard !hasPendingHints(nextPeer) else { return due[nextPeer] = now + Self.againMilliseconds }
            return begin(with: nextPeer)
        }
    }

    private func isThere(_ member: Int) -> Bool {
        member != calls.selfIndex && calls.standing(of: member).answers
    }

    private func begin(with peer: Int) {
        let exchange = AntiEntropySession(
            with: peer, shared: sharedPartitions(peer), replica: replica, calls: calls, clock: clock,
            timeoutMilliseconds: settings.replicaTimeoutMilliseconds, takesAll: false, isBusy: isBusy
        ) { [self] in ended($0, with: peer) }
        exchange.onMended = { [observer] in
            observer.noted(.mended(with: peer, pulled: $0.pulled, pushed: $0.pushed, dropped: $0.dropped))
        }
        running = exchange
        exchange.start()
    }

    private func ended(_ outcome: AntiEntropySession.Outcome, with peer: Int) {
        running = nil
        if !outcome.isPostponed { observer.noted(.compared(with: peer, outcome.observed)) }
        if outcome.failure == nil {
            divergence[peer] = Divergence(keys: outcome.differing, oldestMilliseconds: outcome.oldestMilliseconds)
        }
        if outcome.differing > 0 || outcome.isPartial {
            due[peer] = clock.monotonicMilliseconds + Self.againMilliseconds
        }
    }
}

extension AntiEntropySession.Outcome {
    var observed: ClusterEvent.Comparison {
        ClusterEvent.Comparison(
            differing: differing, pulled: pulled, pushed: pushed, dropped: dropped, failure: failure)
    }
}
