internal import Cluster
internal import Storage

/// A readiness check: one condition for sending requests to a node. The node is ready if all its checks pass.
struct ReadinessCheck {
    let name: StaticString
    /// The reason why the readiness check fails; nil if it passes.
    let problem: String?
    /// The progress of the recovery, if the node is not ready because it is recovering.
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
            ReadinessCheck(name: "clock", problem: member.clockProblem),
            ReadinessCheck(name: "recovery", problem: recoveryProblem, progress: member.recovery),
            ReadinessCheck(name: "shutdown", problem: isDraining ? "the node is shutting down" : nil),
        ]
    }

    /// The reason why the bootstrap is not complete, so that items and tables are not served; nil once they are.
    var clusterProblem: String? {
        let problems = member.bootstrapProblems
        return problems.isEmpty ? nil : problems.joined(separator: "; ")
    }

    private static let recovering =
        "recovering after a lost or rolled-back disk: this node stores writes and does not vote until it is in sync"
    private static let unconfirmed =
        "waiting for a peer to confirm that this disk was not rolled back; not voting yet"

    private var recoveryProblem: String? {
        if let recovery = member.recovery { return "\(Self.recovering): \(recovery.explanation)" }
        if member.isRecovering { return Self.recovering }
        return member.isUnconfirmed ? Self.unconfirmed : nil
    }
}

extension StoreState {
    /// The reason why the store rejects writes; nil if it accepts them.
    var problem: String? {
        switch self {
        case .writable: nil
        case .refusing(.diskFull): "the disk is nearly full: writes are rejected, reads are served; free disk space"
        case .refusing(.inputOutput(let message)): "the disk failed and the store is being reopened: \(message)"
        case .refusing(.hintBudget): "the stored hints fill their budget; raise --hint-budget"
        case .refusing(.queueFull): "too many writes are queued for the disk"
        case .refusing(.closing): "the store is closing"
        }
    }
}
