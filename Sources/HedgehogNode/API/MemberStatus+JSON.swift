internal import Base
internal import Cluster
internal import Observability
internal import Reactor

// The JSON of cluster members and of repair progress, for the cluster routes.
extension JSONWriter {
    mutating func members(of node: ClusterNode) {
        let now = EventLoop.wallMilliseconds()
        let hints = Dictionary(uniqueKeysWithValues: node.hints.map { ($0.nodeID, $0.totals.pending) })
        let divergence = Dictionary(uniqueKeysWithValues: node.divergence.map { ($0.nodeID, $0) })
        array {
            for status in node.members {
                $0.object {
                    $0.state(of: status, nowMilliseconds: now)
                    if let pending = hints[status.nodeID] { $0.member("hints_pending", pending) }
                    if let divergence = divergence[status.nodeID] {
                        $0.member("divergent_keys", divergence.keys)
                        $0.member("divergence_age_ms", divergence.oldestMilliseconds)
                    }
                    if status.isSelf, let recovery = node.recovery {
                        $0.member("recovery") { $0.object { $0.progress(recovery) } }
                    }
                }
            }
        }
    }

    private mutating func state(of status: MemberStatus, nowMilliseconds now: UInt64) {
        member("id", status.nodeID.description)
        member("addr", status.address ?? "")
        member("status", status.state.number)
        member("state", status.word)
        if let ago = status.silentMilliseconds {
            member("last_seen") {
                $0.plain { $0.appendTimestamp(wallNanoseconds: (now - min(ago, now)) * 1_000_000) }
            }
        }
        if let offset = status.clockOffsetMilliseconds { member("clock_offset_ms", Int(offset)) }
    }

    /// Writes the recovery's progress, or null if the node is not recovering.
    mutating func recovery(_ recovery: ClusterNode.RecoveryStatus?) {
        guard let recovery else { return null() }
        object {
            $0.progress(recovery)
            $0.member("explanation", recovery.explanation)
        }
    }

    /// Writes the number of partitions whose tombstones cannot be purged, with the reason of the first one.
    mutating func blockedPurges(_ blocked: [PartitionID: String]) {
        object {
            $0.member("count", blocked.count)
            if let (partition, reason) = blocked.min(by: { $0.key < $1.key }) {
                $0.member("reason", "partition \(partition): \(reason)")
            }
        }
    }
}

extension MemberStatus {
    /// The member's state as shown to clients. A member that lost its disk is shown as recovering unless it is dead.
    var word: String { isRecovering && state != .dead ? "recovering" : state.rawValue }
}

extension MemberState {
    /// The number that stands for a member's state in the JSON of the original API.
    fileprivate var number: Int {
        switch self {
        case .alive: 0
        case .suspect: 1
        case .dead: 2
        }
    }
}
