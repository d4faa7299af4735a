// The status of recovery, hinted handoff, anti-entropy, purge and cluster time for operators and metrics, and the
// commands that operators may give.

extension ClusterNode {
    /// The progress of this node's recovery from the loss of its disk.
    package struct RecoveryStatus: Equatable, Sendable {
        package let explanation: String
        package let wholePartitions: Int
        package let partitions: Int
    }

    package struct DivergenceStatus: Equatable, Sendable {
        package let nodeID: NodeID
        /// Rows that differed in the last session with this member, without rows written just before it.
        package let keys: Int
        /// The age of the oldest row that differed in the last session with this member, by this node's clock, in
        /// milliseconds.
        package let oldestMilliseconds: UInt64
    }

    package struct HintStatus: Equatable, Sendable {
        package let nodeID: NodeID
        package let totals: HintTotals
    }

    /// The progress of the disk recovery; nil if none is running.
    package var recovery: RecoveryStatus? { active?.recoveryStatus }

    /// Whether this node still waits for a peer to confirm that its disk was not rolled back.
    package var isUnconfirmed: Bool { active.map { !$0.roster.ownIsConfirmed } ?? false }

    /// Whether this node's table catalog is complete, so that a table that is missing from it does not exist. False
    /// until a recovering node has fetched the catalogs of other members, and after a start until a peer has confirmed
    /// that the disk was not rolled back.
    package var knowsCatalog: Bool { active?.knowsCatalog ?? false }

    /// Why this node rejects writes of clients because of its wall clock; nil when it does not.
    package var clockProblem: String? { active?.roster.clockProblem }

    /// How far each other member differed in the last successful anti-entropy session with it. Leaves out members
    /// without such a session since this process started.
    package var divergence: [DivergenceStatus] {
        guard let active else { return [] }
        return active.antiEntropy.divergence.sorted { $0.key < $1.key }.map {
            DivergenceStatus(
                nodeID: active.roster.nodeID(of: $0.key), keys: $0.value.keys,
                oldestMilliseconds: $0.value.oldestMilliseconds)
        }
    }

    /// The hint totals of each other member, whether or not a hint was ever stored for it.
    package var hints: [HintStatus] {
        guard let active else { return [] }
        let totals = dependencies.store.hintTotals
        return active.record.memberIndexes.filter { $0 != active.roster.selfIndex }.map {
            HintStatus(nodeID: active.roster.nodeID(of: $0), totals: totals[$0] ?? HintTotals())
        }
    }

    /// Reads the first hints for one other member in `RowPlace` order, at most `limit`. `completion` receives nil when
    /// the disk could not be read. Returns false, and never calls `completion`, when there is no such other member.
    package func hints(for nodeID: NodeID, limit: Int, completion: @escaping ([Hint]?) -> Void) -> Bool {
        guard let target = otherMember(nodeID) else { return false }
        dependencies.store.hints(of: target, after: nil, limit: limit, maximumBytes: 1 << 20) { result in
            completion(try? result.get())
        }
        return true
    }

    /// Starts a replay of the hints for one other member, if there are any and it answers. False when there is no such
    /// other member.
    package func replayHints(of nodeID: NodeID) -> Bool {
        guard let active, let target = otherMember(nodeID) else { return false }
        _ = active.handoff.replayNow(target)
        return true
    }

    private func otherMember(_ nodeID: NodeID) -> MemberIndex? {
        guard let roster = active?.roster, let member = roster.index(of: nodeID) else { return nil }
        return member == roster.selfIndex ? nil : member
    }

    /// Why old tombstones of a partition cannot be purged, for the partitions whose primary this node is.
    package var blockedPurges: [PartitionID: String] { active?.purger.blocked ?? [:] }

    /// Ends this node's recovery with the data that it holds. False when it does not recover.
    package func acceptDataLoss() -> Bool { active?.acceptDataLoss() ?? false }
}
