internal import Cluster
internal import Observability

extension ClusterEvent.HintLoss: LabelValue {}

/// Counts read repairs, purged tombstones, replay passes and anti-entropy sessions. Totals that the store keeps on
/// disk, and current states, are not counted here: they are read when a metrics page is rendered. Only the event loop
/// may use it.
final class RepairMetrics {
    /// The `result` label of an anti-entropy session with another member.
    enum SyncResult: String, LabelValue {
        case equal, repaired, failed
    }

    /// The `direction` label of a key that differed between two members and was repaired in an anti-entropy session.
    enum SyncDirection: String, LabelValue {
        case pulled, pushed
        /// This node removed the item, because the other member has purged the tombstone of its key.
        case dropped
    }

    private let registry: MetricRegistry
    private let readRepairs: LabelTable<SuccessLabel, Counter>
    private let tombstonesPurged: Counter
    private let replayDuration: Histogram

    init(registry: MetricRegistry) {
        self.registry = registry
        readRepairs = LabelTable { registry.counter(.readRepairs, $0.rawValue) }
        tombstonesPurged = registry.counter(.tombstonesPurged)
        replayDuration = registry.histogram(.hintReplayDuration)
    }

    /// Registers the metric series of hinted handoff to, and anti-entropy with, another member, all at 0. Called once
    /// for each member.
    func member(_ nodeID: String) -> RepairSeries {
        RepairSeries(nodeID, replayDuration, registry: registry)
    }

    func countReadRepair(succeeded: Bool) { registry.increment(readRepairs[SuccessLabel(succeeded)]) }

    func countPurged(tombstones: Int) {
        registry.increment(tombstonesPurged, by: UInt64(tombstones))
    }
}

/// Counts the hinted handoff to, and the anti-entropy with, one other member. Only the event loop may use it.
final class RepairSeries {
    private let registry: MetricRegistry
    private let hintLosses: LabelTable<ClusterEvent.HintLoss, Counter>
    private let replays: LabelTable<SuccessLabel, Counter>
    private let replayedPuts: Counter
    private let replayedDeletes: Counter
    private let replayDuration: Histogram
    private let syncs: LabelTable<RepairMetrics.SyncResult, Counter>
    private let keys: LabelTable<RepairMetrics.SyncDirection, Counter>

    fileprivate init(_ nodeID: String, _ replayDuration: Histogram, registry: MetricRegistry) {
        self.registry = registry
        self.replayDuration = replayDuration
        hintLosses = LabelTable { registry.counter(.hintsDropped, nodeID, $0.rawValue) }
        replays = LabelTable { registry.counter(.hintReplays, nodeID, $0.rawValue) }
        replayedPuts = registry.counter(.hintReplayOps, nodeID, ReceivedOperation.Kind.put.rawValue)
        replayedDeletes = registry.counter(.hintReplayOps, nodeID, ReceivedOperation.Kind.delete.rawValue)
        syncs = LabelTable { registry.counter(.antiEntropyComparisons, nodeID, $0.rawValue) }
        keys = LabelTable { registry.counter(.antiEntropyKeys, nodeID, $0.rawValue) }
    }

    func countHintLoss(_ reason: ClusterEvent.HintLoss) { registry.increment(hintLosses[reason]) }

    /// Counts one pass of sending hints to the member (replay pass). Passes without any hint to send or to expire are
    /// not counted.
    func countReplay(isComplete: Bool, puts: Int, deletes: Int, nanoseconds: UInt64) {
        registry.increment(replays[SuccessLabel(isComplete)])
        registry.increment(replayedPuts, by: UInt64(puts))
        registry.increment(replayedDeletes, by: UInt64(deletes))
        registry.record(nanoseconds, in: replayDuration)
    }

    func countSync(_ result: RepairMetrics.SyncResult) { registry.increment(syncs[result]) }

    func countKeys(_ direction: RepairMetrics.SyncDirection, _ count: Int) {
        registry.increment(keys[direction], by: UInt64(count))
    }
}
