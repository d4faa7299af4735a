/// Whether hints for a member are about to be delivered. Anti-entropy waits for them, but not for hints that replay has
/// failed to deliver several times.
final class PendingHints {
    private let store: any ReplicaStore
    /// The number of replay passes without a delivered hint since the member returned. A complete pass counts as the
    /// maximum, because the hints that it left behind are not waited for.
    private var failedPasses: [MemberIndex: Int] = [:]

    init(store: any ReplicaStore) {
        self.store = store
    }

    func exist(for target: MemberIndex) -> Bool {
        (store.hintTotals[target]?.pending ?? 0) > 0 && failedPasses[target, default: 0] < HintLimits.failedPasses
    }

    /// The member answers again and receives its hints next, so the count of its failed replay passes is reset.
    func didRecover(_ target: MemberIndex) { failedPasses[target] = nil }

    /// Resets the count of failed replay passes for each member that does not answer.
    func keepCounts(where answers: (MemberIndex) -> Bool) {
        failedPasses = failedPasses.filter { answers($0.key) }
    }

    /// A replay pass has ended; `replayed` is nil when it was complete and no hint was delivered or expired. The first
    /// passes to a member that has just returned may fail, because it does not know this node yet.
    func passEnded(_ target: MemberIndex, _ replayed: ClusterEvent.Replayed?) {
        guard let replayed, !replayed.isComplete else { return failedPasses[target] = HintLimits.failedPasses }
        let hasFailed = replayed.puts + replayed.deletes == 0
        failedPasses[target] = hasFailed ? failedPasses[target, default: 0] + 1 : 0
    }
}

extension MemberDependencies {
    /// The current time on the two clocks that measure the age of a hint.
    var hintTime: HintTime {
        HintTime(wallMilliseconds: clock.wallMilliseconds, uptimeMilliseconds: store.uptimeMilliseconds)
    }
}
