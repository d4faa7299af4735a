internal import Cluster
internal import Storage

/// One thing that must hold before a node should be sent requests, and why it does not.
struct ReadinessCheck {
    let name: StaticString
    let problem: String?
}

extension NodeParts {
    private static let diskFull = StoreState.refusing(.diskFull)

    var readinessChecks: [ReadinessCheck] {
        let isFull = store.state == Self.diskFull
        return [
            ReadinessCheck(name: "storage", problem: isFull ? nil : store.state.problem),
            ReadinessCheck(name: "disk", problem: isFull ? store.state.problem : nil),
            ReadinessCheck(name: "cluster", problem: clusterProblem),
            // Merged by gossip; what this node does not know of, it holds nothing of.
            ReadinessCheck(name: "catalog", problem: nil),
            ReadinessCheck(name: "clock", problem: clockProblem),
            ReadinessCheck(name: "recovery", problem: member.isRecovering ? Self.recovering : nil),
            ReadinessCheck(name: "shutdown", problem: isDraining ? "the node is shutting down" : nil),
        ]
    }

    /// Why items and tables are not served; nil when they are.
    var clusterProblem: String? {
        let problems = member.formingProblems
        return problems.isEmpty ? nil : problems.joined(separator: "; ")
    }

    private static let recovering =
        "this node's data directory is not the one its cluster was formed with: it stores writes, and does not vote"

    /// A clock that is far from the others would let this node's writes win, or lose, for hours.
    private var clockProblem: String? {
        guard let record = member.record else { return nil }
        let offsets = member.members.filter { $0.state == .alive }.compactMap(\.clockOffsetMilliseconds).sorted()
        guard offsets.count > 2 else { return nil }
        let median = offsets[offsets.count / 2]
        guard median.magnitude > record.gcGraceMilliseconds / 4 else { return nil }
        return "this node's clock is \(median.magnitude / 1000) s off those of the other members"
    }
}

extension StoreState {
    /// Why writes are refused; nil when they are not.
    var problem: String? {
        switch self {
        case .writable: nil
        case .refusing(.diskFull): "the disk is nearly full: writes are refused until there is space, reads go on"
        case .refusing(.inputOutput(let message)): "the disk failed, and the store is trying to reopen: \(message)"
        case .refusing(.queueFull): "too many writes wait for the disk"
        case .refusing(.closing): "the store is closing"
        }
    }
}
