/// The availability of a partition, by the number of its replicas that one node sees alive.
package enum PartitionState: String, CaseIterable, Sendable {
    /// All replicas of the partition are alive.
    case ok
    /// Some replicas are not alive, but every quorum can be reached.
    case underReplicated = "under_replicated"
    /// Strong reads or strong writes cannot reach their quorum.
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
    /// The number of partitions in each state; empty until the cluster is bootstrapped. A recovering replica does not
    /// count as alive: it stores writes, but does not vote.
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
