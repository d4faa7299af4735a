internal import Cluster
internal import Observability

// Metrics of hints, anti-entropy and recovery, read from the cluster member when a metrics page is rendered.
extension MetricSamples {
    /// The largest time in milliseconds that a gauge of nanoseconds can hold.
    private static let maximumAgeMilliseconds: UInt64 = 1 << 43

    /// Adds the metrics of hints for every other member, with the value 0 if no hint is stored for it.
    mutating func hints(_ member: ClusterNode) {
        for hints in member.hints {
            let (node, totals) = (hints.nodeID.description, hints.totals)
            gauge(.hintsPending, node, value: Int64(clamping: totals.pending))
            gauge(.hintBytes, node, value: Int64(clamping: totals.pendingBytes))
            gauge(
                .hintOldest, node,
                value: Int64(min(totals.waitingSinceMilliseconds, Self.maximumAgeMilliseconds)) * 1_000_000)
            counter(.hintsStored, node, value: totals.stored)
            counter(.hintsDelivered, node, value: totals.delivered)
            counter(.hintsSuperseded, node, value: totals.superseded)
            counter(.hintsDropped, node, "expired", value: totals.expired)
        }
    }

    mutating func repair(_ member: ClusterNode) {
        let known = Dictionary(uniqueKeysWithValues: member.divergence.map { ($0.nodeID, $0) })
        for node in member.hints.map(\.nodeID) {
            gauge(.divergentKeys, node.description, value: Int64(known[node]?.keys ?? 0))
            let age = min(known[node]?.oldestMilliseconds ?? 0, Self.maximumAgeMilliseconds)
            gauge(.divergenceAge, node.description, value: Int64(age) * 1_000_000)
        }
        gauge(.purgeBlockedPartitions, value: Int64(member.blockedPurges.count))
        let recovery = member.recovery
        gauge(.recovering, value: recovery == nil ? 0 : 1)
        gauge(.recoveryPartitionsWhole, value: Int64(recovery?.wholePartitions ?? 0))
        gauge(.recoveryPartitions, value: Int64(recovery?.partitions ?? 0))
    }
}
