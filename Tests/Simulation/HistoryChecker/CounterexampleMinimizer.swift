/// Reduces a history that cannot be linearized to the few operations that prove it.
enum CounterexampleMinimizer {
    /// Returns a part of the history that cannot be linearized either, sorted by call. The history is cut at the first
    /// violation; then every operation is removed without which the rest still cannot be linearized. A write whose
    /// value is read is kept, so the counterexample is a proof of its own.
    static func minimize(_ history: [HistoryOperation]) -> [HistoryOperation] {
        let prefix = shortestViolatingPrefix(history)
        var kept = prefix.filter { !isIrrelevant($0, in: prefix) }
        drop(kept.filter(\.isRead)[...], from: &kept)
        // Reads are dropped before writes, because a write whose value is still read must be kept.
        drop(kept.filter { !$0.isRead && isRemovable($0, from: kept) }[...], from: &kept)
        return kept.sorted { ($0.called, $0.client) < ($1.called, $1.client) }
    }

    /// The history up to the first return at which it cannot be linearized any more. Found by binary search, since
    /// every longer prefix cannot be linearized either.
    private static func shortestViolatingPrefix(_ history: [HistoryOperation]) -> [HistoryOperation] {
        let times = history.compactMap(\.returned).sorted()
        var low = 0
        var high = times.count - 1
        while low < high {
            let middle = (low + high) / 2
            if KeyHistory.isLinearizable(history.compactMap { $0.truncated(at: times[middle]) }) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard times.indices.contains(low) else { return history }
        return history.compactMap { $0.truncated(at: times[low]) }.filter { !$0.isRead || $0.isConclusiveRead }
    }

    private static func isIrrelevant(_ operation: HistoryOperation, in prefix: [HistoryOperation]) -> Bool {
        operation.outcome == .notApplied || !operation.mustTakeEffect && isUnread(operation, in: prefix)
    }

    /// Removes as many of the candidate operations as possible from a history that must stay not linearizable: all of
    /// them at once, otherwise it tries each half by itself.
    private static func drop(_ candidates: ArraySlice<HistoryOperation>, from kept: inout [HistoryOperation]) {
        guard !candidates.isEmpty else { return }
        let rest = kept.filter { !candidates.contains($0) }
        if !KeyHistory.isLinearizable(rest) {
            kept = rest
        } else if candidates.count > 1 {
            let middle = candidates.startIndex + candidates.count / 2
            drop(candidates[..<middle], from: &kept)
            drop(candidates[middle...], from: &kept)
        }
    }

    /// Whether a write may be removed: a put if no read returned its value, a delete if no read that returned after its
    /// call found no item.
    private static func isRemovable(_ write: HistoryOperation, from kept: [HistoryOperation]) -> Bool {
        if case .put = write.action { return isUnread(write, in: kept) }
        return !kept.contains { $0.action == .read(nil) && ($0.returned ?? .max) >= write.called }
    }

    private static func isUnread(_ write: HistoryOperation, in kept: [HistoryOperation]) -> Bool {
        guard case .put(let value) = write.action else { return false }
        return !kept.contains { $0.action == .read(value) }
    }
}
