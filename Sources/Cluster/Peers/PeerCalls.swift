/// How operations reach the members, this node included. A member is named by its index in the cluster record.
/// Bound to the loop.
protocol PeerCalls: AnyObject {
    var record: ClusterRecord { get }
    /// Nil on a node that the record does not list.
    var selfIndex: Int? { get }
    /// The N members that hold the partition, the first choice first.
    func preferenceList(partition: Int) -> [Int]
    func standing(of member: Int) -> MemberStanding
    /// `completion` comes once, never before this call has returned, and at the latest soon after the timeout.
    func call(
        _ member: Int, _ operation: PeerCall.Operation, over lane: PeerLane, origin: Origin,
        timeoutMilliseconds: UInt64, completion: @escaping (Result<PeerAnswer, PeerFailure>) -> Void)
}

/// What a coordinator makes of a member before it asks it anything.
enum MemberStanding: Equatable, Sendable {
    case alive
    /// Asked, but not chosen first.
    case suspect
    /// Not asked at all.
    case dead
    /// Stores writes, and its acknowledgements count; its reads do not.
    case recovering
}

extension MemberStanding {
    var takesWrites: Bool { self != .dead }
    var answersReads: Bool { self == .alive || self == .suspect }
}
