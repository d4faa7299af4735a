internal import Cluster
internal import Observability

// Repair events: hint replay, anti-entropy and purges. Each one is counted, and log lines are limited to one per minute
// and kind, because a member that fails and returns repeatedly would fill the log.
extension ClusterEventRecorder {
    func finished(_ replay: ClusterEvent.Replayed) {
        repairSeries(of: replay.target)?.countReplay(
            isComplete: replay.isComplete, puts: replay.puts, deletes: replay.deletes,
            nanoseconds: replay.milliseconds * 1_000_000)
        // A replay that only expired old hints of an absent member has its own rate limit in the log, so that its line
        // does not suppress the line of the replay when the member returns.
        let expiredOnly = replay.isComplete && replay.puts + replay.deletes == 0
        writeLimited(
            "replay \(expiredOnly) \(replay.isComplete) \(replay.target)", as: replay.isComplete ? .info : .warn,
            replay.isComplete ? "hints replayed" : "hints replayed in part: the member did not accept all", [
                LogField("target_node", .text(name(replay.target))), LogField("puts", .integer(replay.puts)),
                LogField("deletes", .integer(replay.deletes)), LogField("expired", .integer(replay.expired)),
                LogField("hints_pending", .integer(Int(clamping: hintsPending(replay.target)))),
                LogField("took_ms", .duration(nanoseconds: replay.milliseconds * 1_000_000)),
            ])
    }

    func finished(_ comparison: ClusterEvent.Comparison, with member: MemberIndex) {
        let result = RepairMetrics.SyncResult(comparison)
        repairSeries(of: member)?.countSync(result)
        guard result != .equal else { return }
        writeLimited(
            "compared \(result) \(member)", as: result == .failed ? .warn : .info,
            result == .failed ? "anti-entropy session failed" : "anti-entropy session repaired differences",
            [LogField("target_node", .text(name(member)))] + comparison.logFields)
    }

    func lossAccepted(_ cost: String) {
        log.warn("recovery ended by an operator, data loss accepted", [LogField("cost", .text(cost))])
    }

    func purgeBlocked(_ partition: PartitionID, _ why: String) {
        writeLimited("purge blocked", as: .info, "tombstone purge blocked", [
            LogField("partition", .integer(partition.index)), LogField("reason", .text(why)),
        ])
    }

    func purged(_ tombstones: Int, of partition: PartitionID) {
        repair.countPurged(tombstones: tombstones)
        writeLimited("purged", as: .info, "tombstones purged on all replicas", [
            LogField("partition", .integer(partition.index)), LogField("tombstones", .integer(tombstones)),
        ])
    }
}

extension ClusterEvent.Comparison {
    fileprivate var logFields: [LogField] {
        let counts = [
            LogField("differing", .integer(differing)), LogField("pulled", .integer(pulled)),
            LogField("pushed", .integer(pushed)), LogField("dropped", .integer(dropped)),
        ]
        return counts + (failure.map { [LogField("reason", .text($0))] } ?? [])
    }
}

extension RepairMetrics.SyncResult {
    init(_ comparison: ClusterEvent.Comparison) {
        let isEqual = comparison.differing + comparison.pulled + comparison.pushed + comparison.dropped == 0
        self = comparison.failure != nil ? .failed : isEqual ? .equal : .repaired
    }
}
