internal import Cluster
internal import Storage

/// One thing that must hold before a node should be sent requests, and why it does not.
struct ReadinessCheck {
    let name: StaticString
    let problem: String?
    /// Of what makes the problem go away by itself.
    var progress: ClusterNode.RecoveryStatus?
}

extension NodeServices {
    private static let diskFull = StoreState.refusing(.diskFull)

    var readinessChecks: [ReadinessCheck] {
        let isFull = store.state == Self.diskFull
        return [
            ReadinessCheck(name: "storage", problem: isFull ? nil : store.state.problem),
            ReadinessCheck(name: "disk", problem: isFull ? store.state.problem : nil),
            ReadinessCheck(name: "cluster", problem: clusterProblem),
            // Merged by gossip; what this node does not know of, it holds nothing of.
            ReadinessCheck(name: "catalog", problem: nil),
            ReadinessCheck(name: "clock", problem: member.clockProblem),
            ReadinessCheck(name: "recovery", problem: recoveryProblem, progress: member.recovery),
            ReadinessCheck(name: "shutdown", problem: isDraining ? "the node is shutting down" : nil),
        ]
    }

    /// Why items and tables are not served; nil when they are.
    var clusterProblem: String? {
        let problems = member.bootstrapProblems
        return problems.isEmpty ? nil : problems.joined(separator: "; ")
    }

    private static let recovering =
        "this node's disk was lost or went back in time: it stores writes, and does not vote until it is whole"
    private static let unconfirmed =
        "this node waits for the first word of another member, which could know of a later state of this node's disk, "
        + "and does not vote until then"

    private var recoveryProblem: String? {
        if let recovery = member.recovery { return "\(Self.recovering): \(recovery.explanation)" }
        if member.isRecovering { return Self.recovering }
        return member.isUnconfirmed ? Self.unconfirmed : nil
    }
}

extension StoreState {
    /// Why writes are refused; nil when they are not.
    var problem: String? {
        switch self {
        case .writable: nil
        case .refusing(.diskFull): "the disk is nearly full: writes are refused until there is space, reads go on"
        case .refusing(.inputOutput(let message)): "the disk failed, and the store is trying to reopen: \(message)"
        case .refusing(.hintBudget): "the hints kept already fill their budget"
        case .refusing(.queueFull): "too many writes wait for the disk"
        case .refusing(.closing): "the store is closing"
        }
    }
}
