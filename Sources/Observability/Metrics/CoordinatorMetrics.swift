/// How the operations went that this node coordinates. Loop-bound.
package final class CoordinatorMetrics {
    private let registry: MetricRegistry
    /// By operation, consistency (eventual before strong), result.
    private let requests: [Counter]
    /// By operation, then eventual before strong.
    private let durations: [Histogram]
    private let hedges: Counter
    private let writeBacks: Counter
    private let conflicts: Counter

    package init(registry: MetricRegistry) {
        self.registry = registry
        requests = ReplicatedOperation.allCases.flatMap { operation in
            ["eventual", "strong"].flatMap { consistency in
                CoordinatorResult.allCases.map {
                    registry.counter(.coordinatorRequests, operation.label, consistency, $0.label)
                }
            }
        }
        durations = ReplicatedOperation.allCases.flatMap { operation in
            ["eventual", "strong"].map { registry.histogram(.coordinatorRequestDuration, operation.label, $0) }
        }
        hedges = registry.counter(.coordinatorHedges)
        writeBacks = registry.counter(.coordinatorWriteBacks)
        conflicts = registry.counter(.versionConflicts)
    }

    package func countRequest(
        _ operation: ReplicatedOperation, isStrong: Bool, _ result: CoordinatorResult, nanoseconds: UInt64
    ) {
        let place = operation.rawValue * 2 + (isStrong ? 1 : 0)
        registry.increment(requests[place * CoordinatorResult.allCases.count + result.rawValue])
        registry.record(nanoseconds, in: durations[place])
    }

    /// The read series of another member, all at 0. Once a member.
    package func member(_ nodeID: String) -> RemoteReadSeries {
        RemoteReadSeries(nodeID, registry: registry)
    }

    package func countHedge() { registry.increment(hedges) }

    package func countWriteBack() { registry.increment(writeBacks) }

    package func countConflict() { registry.increment(conflicts) }
}

/// What is counted of the items and versions asked of one other member. Loop-bound.
package final class RemoteReadSeries {
    private let registry: MetricRegistry
    private let succeeded: Counter
    private let failed: Counter
    private let duration: Histogram

    fileprivate init(_ nodeID: String, registry: MetricRegistry) {
        self.registry = registry
        succeeded = registry.counter(.coordinatorRemoteReads, nodeID, true.resultLabel)
        failed = registry.counter(.coordinatorRemoteReads, nodeID, false.resultLabel)
        duration = registry.histogram(.coordinatorRemoteReadDuration, nodeID)
    }

    package func count(success: Bool, nanoseconds: UInt64) {
        registry.increment(success ? succeeded : failed)
        registry.record(nanoseconds, in: duration)
    }
}
