internal import Base
internal import Cluster
internal import Observability
internal import Reactor

// The JSON of cluster members and of repair progress, for the cluster routes.
extension Array where Element == UInt8 {
    mutating func appendMembers(of member: ClusterNode) {
        let now = EventLoop.wallMilliseconds()
        let hints = Dictionary(uniqueKeysWithValues: member.hints.map { ($0.nodeID, $0.totals.pending) })
        let divergence = Dictionary(uniqueKeysWithValues: member.divergence.map { ($0.nodeID, $0) })
        append("[")
        for (index, status) in member.members.enumerated() {
            if index > 0 { append(",") }
            append("{")
            append(status, nowMilliseconds: now)
            if let pending = hints[status.nodeID] {
                append(#","hints_pending":"#)
                appendDecimal(pending)
            }
            if let divergence = divergence[status.nodeID] { append(divergence) }
            if status.isSelf, let recovery = member.recovery {
                append(#","recovery":{"#)
                appendProgress(recovery)
                append("}")
            }
            append("}")
        }
        append("]")
    }

    private mutating func append(_ member: MemberStatus, nowMilliseconds now: UInt64) {
        append(#""id":"#)
        appendJSONString(member.nodeID.description)
        append(#","addr":"#)
        appendJSONString(member.address ?? "")
        append(#","status":"#)
        appendDecimal(member.state.number)
        append(#","state":"#)
        appendJSONString(member.word)
        if let ago = member.silentMilliseconds {
            append(#","last_seen":""#)
            appendTimestamp(wallNanoseconds: (now - Swift.min(ago, now)) * 1_000_000)
            append("\"")
        }
        if let offset = member.clockOffsetMilliseconds {
            append(#","clock_offset_ms":"#)
            appendSigned(Int(offset))
        }
    }

    private mutating func append(_ divergence: ClusterNode.DivergenceStatus) {
        append(#","divergent_keys":"#)
        appendDecimal(divergence.keys)
        append(#","divergence_age_ms":"#)
        appendDecimal(divergence.oldestMilliseconds)
    }

    /// Appends the recovery's progress, or null if the node is not recovering.
    mutating func append(_ recovery: ClusterNode.RecoveryStatus?) {
        guard let recovery else { return append("null") }
        append("{")
        appendProgress(recovery)
        append(#","explanation":"#)
        appendJSONString(recovery.explanation)
        append("}")
    }

    /// Appends the number of partitions whose tombstones cannot be purged, with the reason of the first one.
    mutating func append(blockedPurges blocked: [PartitionID: String]) {
        append(#"{"count":"#)
        appendDecimal(blocked.count)
        if let (partition, reason) = blocked.min(by: { $0.key < $1.key }) {
            append(#","reason":"#)
            appendJSONString("partition \(partition): \(reason)")
        }
        append("}")
    }
}

extension MemberStatus {
    /// The member's state as shown to clients. A member that lost its disk is shown as recovering unless it is dead.
    var word: String { isRecovering && state != .dead ? "recovering" : state.rawValue }
}

extension MemberState {
    /// The state's number in the original API.
    fileprivate var number: Int {
        switch self {
        case .alive: 0
        case .suspect: 1
        case .dead: 2
        }
    }
}
