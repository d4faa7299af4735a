/// How many of a partition's replicas are there to answer, as one node sees it.
package enum PartitionState: String, CaseIterable, Sendable {
    /// All of them.
    case ok
    /// Enough for any quorum.
    case underReplicated = "under_replicated"
    /// Too few for some strong operation.
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
    /// How many partitions are in each state; empty until the cluster is formed. One that recovers does not count as
    /// alive: it stores writes, and does not vote.
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
