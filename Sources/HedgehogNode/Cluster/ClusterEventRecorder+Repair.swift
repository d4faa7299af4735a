internal import Cluster
internal import Observability

// How what faults have left behind is mended: counted each time, and said at most once a minute of a kind, since a
// member that comes and goes would else fill the log.
extension ClusterEventRecorder {
    func finished(_ replay: ClusterEvent.Replayed) {
        mending(of: replay.target)?.countReplay(
            isComplete: replay.isComplete, puts: replay.puts, deletes: replay.deletes,
            nanoseconds: replay.milliseconds * 1_000_000)
        // A sweep for old hints of a member that is away must not hold back the line of its return.
        let isSweep = replay.isComplete && replay.puts + replay.deletes == 0
        say(
            "replay \(isSweep) \(replay.isComplete) \(replay.target)", as: replay.isComplete ? .info : .warn,
            replay.isComplete ? "hints replayed" : "hints replayed in part: the member did not take all", [
                LogField("target_node", .text(name(replay.target))), LogField("puts", .integer(replay.puts)),
                LogField("deletes", .integer(replay.deletes)), LogField("expired", .integer(replay.expired)),
                LogField("hints_pending", .integer(Int(clamping: hintsPending(replay.target)))),
                LogField("took_ms", .duration(nanoseconds: replay.milliseconds * 1_000_000)),
            ])
    }

    func finished(_ comparison: ClusterEvent.Comparison, with member: Int) {
        let result = ComparisonResult(comparison)
        mending(of: member)?.countComparison(result)
        guard result != .equal else { return }
        say(
            "compared \(result) \(member)", as: result == .failed ? .warn : .info,
            result == .failed ? "comparison with a member failed" : "comparison with a member repaired what differed",
            [LogField("target_node", .text(name(member)))] + comparison.logFields)
    }

    func lossAccepted(_ cost: String) {
        log.warn("an operator has ended the recovery of this node", [LogField("cost", .text(cost))])
    }

    func purgeBlocked(_ partition: Int, _ why: String) {
        say("purge blocked", as: .info, "old deletes cannot be forgotten yet", [
            LogField("partition", .integer(partition)), LogField("reason", .text(why)),
        ])
    }

    func purged(_ tombstones: Int, of partition: Int) {
        healing.countPurged(tombstones: tombstones)
        say("purged", as: .info, "old deletes forgotten by all replicas", [
            LogField("partition", .integer(partition)), LogField("tombstones", .integer(tombstones)),
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

extension ComparisonResult {
    init(_ comparison: ClusterEvent.Comparison) {
        let isEqual = comparison.differing + comparison.pulled + comparison.pushed + comparison.dropped == 0
        self = comparison.failure != nil ? .failed : isEqual ? .equal : .repaired
    }
}

extension HintLossReason {
    init(_ loss: ClusterEvent.HintLoss) {
        switch loss {
        case .budget: self = .limit
        case .disk: self = .disk
        case .queue: self = .queue
        }
    }
}
