/// How the operations went that this node coordinates. Loop-bound.
package final class CoordinatorMetrics {
    private let registry: MetricRegistry
    /// By operation, consistency (eventual before strong), result.
    private let requests: [Counter]
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
        hedges = registry.counter(.coordinatorHedges)
        writeBacks = registry.counter(.coordinatorWriteBacks)
        conflicts = registry.counter(.versionConflicts)
    }

    package func countRequest(_ operation: ReplicatedOperation, isStrong: Bool, _ result: CoordinatorResult) {
        let place = (operation.rawValue * 2 + (isStrong ? 1 : 0)) * CoordinatorResult.allCases.count + result.rawValue
        registry.increment(requests[place])
    }

    package func countHedge() { registry.increment(hedges) }

    package func countWriteBack() { registry.increment(writeBacks) }

    package func countConflict() { registry.increment(conflicts) }
}
