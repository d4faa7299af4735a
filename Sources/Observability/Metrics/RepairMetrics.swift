/// Counts how what faults have left behind is mended. What the disk keeps an account of, and what is a state and not an
/// event, is not here: it is read when the page is made. Loop-bound.
package final class RepairMetrics {
    private let registry: MetricRegistry
    private let repairedReads: Counter
    private let failedReadRepairs: Counter
    private let tombstonesPurged: Counter
    private let replayDuration: Histogram

    package init(registry: MetricRegistry) {
        self.registry = registry
        repairedReads = registry.counter(.readRepairs, true.resultLabel)
        failedReadRepairs = registry.counter(.readRepairs, false.resultLabel)
        tombstonesPurged = registry.counter(.tombstonesPurged)
        replayDuration = registry.histogram(.hintReplayDuration)
    }

    /// The series of another member, all at 0. Once a member.
    package func member(_ nodeID: String) -> RepairSeries {
        RepairSeries(nodeID, replayDuration, registry: registry)
    }

    package func countReadRepair(succeeded: Bool) {
        registry.increment(succeeded ? repairedReads : failedReadRepairs)
    }

    package func countPurged(tombstones: Int) {
        registry.increment(tombstonesPurged, by: UInt64(tombstones))
    }
}

/// What is counted of the mending of one other member. Loop-bound.
package final class RepairSeries {
    private let registry: MetricRegistry
    private let hintLosses: [Counter]
    private let replaysDone: Counter
    private let replaysFailed: Counter
    private let replayedPuts: Counter
    private let replayedDeletes: Counter
    private let replayDuration: Histogram
    private let comparisons: [Counter]
    private let keys: [Counter]

    fileprivate init(_ nodeID: String, _ replayDuration: Histogram, registry: MetricRegistry) {
        self.registry = registry
        self.replayDuration = replayDuration
        hintLosses = HintLossReason.allCases.map { registry.counter(.hintsDropped, nodeID, $0.label) }
        replaysDone = registry.counter(.hintReplays, nodeID, true.resultLabel)
        replaysFailed = registry.counter(.hintReplays, nodeID, false.resultLabel)
        replayedPuts = registry.counter(.hintReplayOps, nodeID, ReplicatedOperation.put.label)
        replayedDeletes = registry.counter(.hintReplayOps, nodeID, ReplicatedOperation.delete.label)
        comparisons = ComparisonResult.allCases.map { registry.counter(.antiEntropyComparisons, nodeID, $0.label) }
        keys = RepairDirection.allCases.map { registry.counter(.antiEntropyKeys, nodeID, $0.label) }
    }

    package func countHintLoss(_ reason: HintLossReason) { registry.increment(hintLosses[reason.rawValue]) }

    /// One walk through the member's hints that had something to do.
    package func countReplay(isComplete: Bool, puts: Int, deletes: Int, nanoseconds: UInt64) {
        registry.increment(isComplete ? replaysDone : replaysFailed)
        registry.increment(replayedPuts, by: UInt64(puts))
        registry.increment(replayedDeletes, by: UInt64(deletes))
        registry.record(nanoseconds, in: replayDuration)
    }

    package func countComparison(_ result: ComparisonResult) { registry.increment(comparisons[result.rawValue]) }

    package func countKeys(_ direction: RepairDirection, _ count: Int) {
        registry.increment(keys[direction.rawValue], by: UInt64(count))
    }
}
