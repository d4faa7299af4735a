/// Whether a member answers this node's messages, as the failure detector sees it.
package enum MemberState: String, CaseIterable, Sendable {
    case alive
    case suspect
    case dead
}

/// One member as this node sees it, for operators and the HTTP API.
package struct MemberStatus: Sendable {
    package let nodeID: NodeID
    /// Nil for a member whose address is not known yet.
    package let address: String?
    package let state: MemberState
    /// Milliseconds since the last response; nil if there was none, zero for this node itself.
    package let silentMilliseconds: UInt64?
    /// The offset of its wall clock from this node's; nil while unknown.
    package let clockOffsetMilliseconds: Int64?
    /// Whether it is recovering a lost or rolled-back disk and does not count in read quorums.
    package let isRecovering: Bool
    package let isSelf: Bool
}
