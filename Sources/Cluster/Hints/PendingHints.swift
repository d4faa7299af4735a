/// Whether hints for a member are about to be delivered. Anti-entropy waits for them, but not for hints that replay has
/// failed to deliver several times.
final class PendingHints {
    private let store: any ReplicaStore
    /// Replay passes without a delivered hint since the member returned. A complete pass counts as the maximum: the
    /// hints that it left behind are not waited for.
    private var failedPasses: [MemberIndex: Int] = [:]

    init(store: any ReplicaStore) {
        self.store = store
    }

    func exist(for target: MemberIndex) -> Bool {
        (store.hintTotals[target]?.pending ?? 0) > 0 && failedPasses[target, default: 0] < HintLimits.failedPasses
    }

    /// The member has returned, and receives its hints next.
    func didRecover(_ target: MemberIndex) { failedPasses[target] = nil }

    /// Forgets the failed passes of members that do not answer.
    func keepCounts(where answers: (MemberIndex) -> Bool) {
        failedPasses = failedPasses.filter { answers($0.key) }
    }

    /// A replay pass has ended; nil when there was nothing to replay. The first passes to a member that has just
    /// returned may fail, because it does not know this node yet.
    func passEnded(_ target: MemberIndex, _ replayed: ClusterEvent.Replayed?) {
        guard let replayed, !replayed.isComplete else { return failedPasses[target] = HintLimits.failedPasses }
        let hasFailed = replayed.puts + replayed.deletes == 0
        failedPasses[target] = hasFailed ? failedPasses[target, default: 0] + 1 : 0
    }
}

extension MemberDependencies {
    /// The current time as hints record it.
    var hintTime: HintTime {
        HintTime(wallMilliseconds: clock.wallMilliseconds, uptimeMilliseconds: store.uptimeMilliseconds)
    }
}
