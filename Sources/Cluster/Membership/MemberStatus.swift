/// Whether a member answers this node's messages, as the failure detector sees it.
package enum MemberState: String, CaseIterable, Sendable {
    case alive
    case suspect
    case dead
}

/// One member as this node sees it, for operators and the HTTP API.
package struct MemberStatus: Sendable {
    package let nodeID: String
    /// Nil for a member that has not been heard of since this node started.
    package let address: String?
    package let state: MemberState
    /// Since it last answered; nil if it never has, zero for this node itself.
    package let silentMilliseconds: UInt64?
    /// Its wall clock less ours; nil while unknown.
    package let clockOffsetMilliseconds: Int64?
    /// It lost its disk, or part of it, and does not vote until it is whole.
    package let isRecovering: Bool
    package let isSelf: Bool
}
