/// The failure detector's view of a member: whether it answers this node's messages.
package enum MemberState: String, CaseIterable, Sendable {
    case alive
    case suspect
    case dead
}

/// One member as this node sees it, for operators and the HTTP API.
package struct MemberStatus: Sendable {
    package let nodeID: NodeID
    /// The host and port of the member; nil if this node knows the member only from the cluster record.
    package let address: String?
    package let state: MemberState
    /// Milliseconds since the last answer of the member; nil if there was none, zero for this node itself.
    package let silentMilliseconds: UInt64?
    /// The member's wall clock minus this node's; nil while unknown.
    package let clockOffsetMilliseconds: Int64?
    /// Whether the member is recovering from the loss of its disk. It does not count in read quorums meanwhile.
    package let isRecovering: Bool
    package let isSelf: Bool
}
