/// The few operations of a history that are enough to show that it cannot be linearized.
enum Excerpt {
    /// Cuts the history off where it first went wrong, then leaves out every operation without which the rest still
    /// cannot be linearized. Only what cannot have helped is left out, so the excerpt alone proves the fault.
    static func smallest(of history: [HistoryOperation]) -> [HistoryOperation] {
        let past = cutOff(history)
        var kept = past.filter { !hasNoPart($0, in: past) }
        drop(kept.filter(\.isRead)[...], from: &kept)
        // What reads are left has decided which writes may go.
        drop(kept.filter { !$0.isRead && mayBeDropped($0, from: kept) }[...], from: &kept)
        return kept.sorted { ($0.called, $0.client) < ($1.called, $1.client) }
    }

    /// The shortest past that cannot be linearized: the search is halved since every longer one cannot either.
    private static func cutOff(_ history: [HistoryOperation]) -> [HistoryOperation] {
        let times = history.compactMap(\.returned).sorted()
        var low = 0
        var high = times.count - 1
        while low < high {
            let middle = (low + high) / 2
            if KeyHistory.isLinearizable(history.compactMap { $0.seen(at: times[middle]) }) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard times.indices.contains(low) else { return history }
        return history.compactMap { $0.seen(at: times[low]) }.filter { !$0.isRead || $0.isConclusiveRead }
    }

    private static func hasNoPart(_ operation: HistoryOperation, in past: [HistoryOperation]) -> Bool {
        operation.outcome == .notApplied || !operation.mustTakeEffect && isUnread(operation, in: past)
    }

    /// Leaves out as many of the candidates as it can: all at once, or else each half by itself.
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

    /// A put may go when no read returned its value, a delete when no read found nothing after it was called.
    private static func mayBeDropped(_ write: HistoryOperation, from kept: [HistoryOperation]) -> Bool {
        if case .put = write.action { return isUnread(write, in: kept) }
        return !kept.contains { $0.action == .read(nil) && ($0.returned ?? .max) >= write.called }
    }

    private static func isUnread(_ write: HistoryOperation, in kept: [HistoryOperation]) -> Bool {
        guard case .put(let value) = write.action else { return false }
        return !kept.contains { $0.action == .read(value) }
    }
}
