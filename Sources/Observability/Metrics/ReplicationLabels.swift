// The label values of what nodes do for each other. All closed sets, but for the members' names.

package enum ReplicatedOperation: Int, CaseIterable, Sendable {
    case get, put, delete

    var label: String {
        switch self {
        case .get: "get"
        case .put: "put"
        case .delete: "delete"
        }
    }
}

package enum SendFate: Int, CaseIterable, Sendable {
    case success, failure
    /// Nothing was sent, because the member is dead.
    case nodeDown

    var label: String {
        switch self {
        case .success: "success"
        case .failure: "failure"
        case .nodeDown: "node_down"
        }
    }
}

package enum CoordinatorResult: Int, CaseIterable, Sendable {
    /// Answered as asked, "no such item" included.
    case ok
    case quorumFailed
    case timeout
    case unavailable

    var label: String {
        switch self {
        case .ok: "ok"
        case .quorumFailed: "quorum_failed"
        case .timeout: "timeout"
        case .unavailable: "unavailable"
        }
    }
}

/// Why a message of another node was refused whole.
package enum MessageRefusal: Int, CaseIterable, Sendable {
    /// Not in our format, or cut short, or too long.
    case malformed
    /// Without the cluster's secret.
    case secret
    /// Of another cluster or another record of it, meant for another node, or from one that is no member.
    case mismatch
    /// We are going away, or not ready to take any.
    case notReady

    var label: String {
        switch self {
        case .malformed: "malformed"
        case .secret: "secret"
        case .mismatch: "mismatch"
        case .notReady: "not_ready"
        }
    }
}

/// Why a hint was not stored, so that only anti-entropy can bring the member its write.
package enum HintLossReason: Int, CaseIterable, Sendable {
    /// Beyond `--hint-budget`.
    case limit
    case disk
    case queue

    var label: String {
        switch self {
        case .limit: "limit"
        case .disk: "disk"
        case .queue: "queue"
        }
    }
}

package enum ComparisonResult: Int, CaseIterable, Sendable {
    case equal
    case repaired
    case failed

    var label: String {
        switch self {
        case .equal: "equal"
        case .repaired: "repaired"
        case .failed: "failed"
        }
    }
}

package enum RepairDirection: Int, CaseIterable, Sendable {
    case pulled
    case pushed
    /// The member has purged it.
    case dropped

    var label: String {
        switch self {
        case .pulled: "pulled"
        case .pushed: "pushed"
        case .dropped: "dropped"
        }
    }
}

extension Bool {
    var resultLabel: String { self ? "success" : "failure" }
}
