/// The availability of a partition, from the liveness of its replicas as seen by this node.
package enum PartitionState: String, CaseIterable, Sendable {
    /// All replicas are alive.
    case ok
    /// Enough replicas are alive for every quorum.
    case underReplicated = "under_replicated"
    /// Too few replicas are alive for strong reads or strong writes.
    case unavailable

    init(aliveReplicas: Int, of quorums: Quorums) {
        if aliveReplicas == quorums.replicas {
            self = .ok
        } else {
            self = aliveReplicas >= max(quorums.read, quorums.write) ? .underReplicated : .unavailable
        }
    }
}

extension ClusterNode {
    /// The number of partitions in each state; empty before the bootstrap. A recovering member does not count as alive,
    /// because it does not answer reads.
    package var partitionStates: [PartitionState: Int] {
        guard let roster = active?.roster else { return [:] }
        let alive = roster.record.memberIndexes.map { roster.liveness(of: $0) == .alive }
        var states: [PartitionState: Int] = [:]
        for partition in roster.record.partitionIDs {
            let count = roster.preferenceList(partition: partition).count { alive[$0] }
            states[PartitionState(aliveReplicas: count, of: roster.record.quorums), default: 0] += 1
        }
        return states
    }
}
