// What is shown of healing, and what an operator may ask for.

extension ClusterNode {
    /// How far this node's recovery is; nil when it is whole.
    package struct RecoveryStatus: Equatable, Sendable {
        package let explanation: String
        package let wholePartitions: Int
        package let partitions: Int
    }

    package struct DivergenceStatus: Equatable, Sendable {
        package let nodeID: String
        /// Rows that differed when the two were last compared, without those written just before.
        package let keys: Int
        /// Of the oldest of them, by this node's clock.
        package let oldestMilliseconds: UInt64
    }

    package struct HintStatus: Equatable, Sendable {
        package let nodeID: String
        package let totals: HintTotals
    }

    package var recovery: RecoveryStatus? { formed?.recoveryStatus }

    /// Another member has not yet said that it knows of no later state of this node's disk.
    package var isUnconfirmed: Bool { formed.map { !$0.ownIsConfirmed } ?? false }

    /// Whether a table that is not known here does not exist. A node whose disk is new, or that has just started, has
    /// yet to hear from others what there is.
    package var knowsCatalog: Bool { formed?.knowsCatalog ?? false }

    package var clockProblem: String? { formed?.clockProblem }

    /// One for each other member that was compared with since the start.
    package var divergence: [DivergenceStatus] {
        guard let formed else { return [] }
        return formed.antiEntropy.divergence.sorted { $0.key < $1.key }.map {
            DivergenceStatus(
                nodeID: formed.name($0.key), keys: $0.value.keys, oldestMilliseconds: $0.value.oldestMilliseconds)
        }
    }

    /// One for each other member, whether or not there ever was a hint for it.
    package var hints: [HintStatus] {
        guard let formed else { return [] }
        let totals = formed.replica.store.hintTotals
        return formed.record.members.indices.filter { $0 != formed.selfIndex }.map {
            HintStatus(nodeID: formed.name($0), totals: totals[$0] ?? HintTotals())
        }
    }

    /// The first hints kept for a member; nil inside when the disk did not tell them, nil outside when there is no such
    /// other member.
    package func hints(for nodeID: String, limit: Int, completion: @escaping ([Hint]?) -> Void) -> Bool {
        guard let formed, let target = formed.index(of: nodeID), target != formed.selfIndex else { return false }
        formed.replica.store.hints(of: target, after: nil, limit: limit, maximumBytes: 1 << 20) { result in
            completion(try? result.get())
        }
        return true
    }

    /// Sends the hints of a member now, if there are any and it answers; false when there is no such other member.
    package func replayHints(of nodeID: String) -> Bool {
        guard let formed, let target = formed.index(of: nodeID), target != formed.selfIndex else { return false }
        _ = formed.handoff.replayNow(target)
        return true
    }

    /// By partition that this node leads: why its old tombstones cannot be purged.
    package var blockedPurges: [Int: String] { formed?.purger.blocked ?? [:] }

    /// Ends this node's recovery with what it holds. False when it is not recovering.
    package func acceptDataLoss() -> Bool { formed?.acceptDataLoss() ?? false }
}
