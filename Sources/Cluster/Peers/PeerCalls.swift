/// Calls from this node to the members of its cluster, itself included. Bound to the loop.
protocol PeerCalls: AnyObject {
    var roster: any Roster { get }
    /// Sends a call to a member and passes its answer to `completion`. It is called exactly once: after this method has
    /// returned, and shortly after the timeout at the latest.
    func call(
        _ member: MemberIndex, _ operation: PeerCall.Operation, over lane: PeerLane, trace: RequestTrace,
        timeoutMilliseconds: UInt64, completion: @escaping (Result<PeerAnswer, PeerFailure>) -> Void)
}

/// The members of a cluster as one node sees them. Bound to the loop.
protocol Roster: AnyObject {
    var record: ClusterRecord { get }
    /// This node's index among the members; nil on a node that the cluster record does not list.
    var selfIndex: MemberIndex? { get }
    /// The N members that hold the partition, the primary first.
    func preferenceList(partition: PartitionID) -> [MemberIndex]
    func liveness(of member: MemberIndex) -> Liveness
    /// The store that a member serves from, as far as this node knows.
    func storeID(of member: MemberIndex) -> StoreID
    /// Whether this node's own replica may count in a quorum while it is not recovering: a peer has confirmed that this
    /// node's disk was not rolled back.
    var ownIsConfirmed: Bool { get }
    /// Why writes of clients are rejected: this node's wall clock is too far from the others'. Nil when it is not.
    var clockProblem: String? { get }
}

/// The state of a member as a coordinator uses it: the failure detector's state, and whether the member is recovering.
enum Liveness: Equatable, Sendable {
    case alive
    /// The failure timeout has passed once. Coordinators call such a member after those that are alive.
    case suspect
    /// The failure timeout has passed twice. Coordinators do not call such a member.
    case dead
    /// The member is recovering its disk: it acknowledges writes, but its reads do not count.
    case recovering
}

extension Liveness {
    var takesWrites: Bool { self != .dead }
    var answersReads: Bool { self == .alive || self == .suspect }
    /// Whether background work with the member, such as anti-entropy, may start: the member is alive or recovering.
    var answers: Bool { self == .alive || self == .recovering }
}
