internal import Cluster
internal import Observability

/// Counts the operations that this node coordinates. Only the event loop may use it.
final class CoordinatorMetrics {
    /// The `result` label of a coordinated operation.
    enum Outcome: String, LabelValue {
        /// The coordinated operation was answered, possibly with "no such item".
        case ok
        case quorumFailed = "quorum_failed"
        case timeout
        case unavailable
    }

    private let registry: MetricRegistry
    private let requests: LabelTable<ReceivedOperation.Kind, LabelTable<Consistency, LabelTable<Outcome, Counter>>>
    private let durations: LabelTable<ReceivedOperation.Kind, LabelTable<Consistency, Histogram>>
    private let hedges: Counter
    private let writeBacks: Counter
    private let conflicts: Counter

    init(registry: MetricRegistry) {
        self.registry = registry
        requests = LabelTable { operation in
            LabelTable { consistency in
                LabelTable {
                    registry.counter(
                        .coordinatorRequests, operation.rawValue, consistency.rawValue, $0.rawValue)
                }
            }
        }
        durations = LabelTable { operation in
            LabelTable { registry.histogram(.coordinatorRequestDuration, operation.rawValue, $0.rawValue) }
        }
        hedges = registry.counter(.coordinatorHedges)
        writeBacks = registry.counter(.coordinatorWriteBacks)
        conflicts = registry.counter(.versionConflicts)
    }

    func countRequest(
        _ operation: ReceivedOperation.Kind, _ consistency: Consistency, _ outcome: Outcome, nanoseconds: UInt64
    ) {
        registry.increment(requests[operation][consistency][outcome])
        registry.record(nanoseconds, in: durations[operation][consistency])
    }

    /// Registers the metric series of reads from another member, all at 0. Called once for each member.
    func member(_ nodeID: String) -> RemoteReadSeries {
        RemoteReadSeries(nodeID, registry: registry)
    }

    func countHedge() { registry.increment(hedges) }

    func countWriteBack() { registry.increment(writeBacks) }

    func countConflict() { registry.increment(conflicts) }
}

/// Counts the reads of items and versions from one other member. Only the event loop may use it.
final class RemoteReadSeries {
    private let registry: MetricRegistry
    private let reads: LabelTable<SuccessLabel, Counter>
    private let duration: Histogram

    fileprivate init(_ nodeID: String, registry: MetricRegistry) {
        self.registry = registry
        reads = LabelTable { registry.counter(.coordinatorRemoteReads, nodeID, $0.rawValue) }
        duration = registry.histogram(.coordinatorRemoteReadDuration, nodeID)
    }

    func count(success: Bool, nanoseconds: UInt64) {
        registry.increment(reads[SuccessLabel(success)])
        registry.record(nanoseconds, in: duration)
    }
}
