/// How operations reach the members, this node included. A member is named by its index in the cluster record.
/// Bound to the loop.
protocol PeerCalls: AnyObject {
    var record: ClusterRecord { get }
    /// Nil on a node that the record does not list.
    var selfIndex: Int? { get }
    /// The N members that hold the partition, the first choice first.
    func preferenceList(partition: Int) -> [Int]
    func standing(of member: Int) -> Liveness
    /// The store that a member serves from now, as far as is known here.
    func storeID(of member: Int) -> StoreID
    /// Whether this node's own replica may be counted in a quorum, once it is not recovering: another member has heard
    /// of this process and remembers no later state of its disk.
    var ownIsConfirmed: Bool { get }
    /// Why clients' writes are refused: this node's wall clock is too far from the others'. Nil when they are taken.
    var clockProblem: String? { get }
    /// `completion` comes once, never before this call has returned, and at the latest soon after the timeout.
    func call(
        _ member: Int, _ operation: PeerCall.Operation, over lane: PeerLane, trace: RequestTrace,
        timeoutMilliseconds: UInt64, completion: @escaping (Result<PeerAnswer, PeerFailure>) -> Void)
}

/// What a coordinator makes of a member before it asks it anything.
enum Liveness: Equatable, Sendable {
    case alive
    /// Asked, but not chosen first.
    case suspect
    /// Not asked at all.
    case dead
    /// Stores writes, and its acknowledgements count; its reads do not.
    case recovering
}

extension Liveness {
    var takesWrites: Bool { self != .dead }
    var answersReads: Bool { self == .alive || self == .suspect }
    /// Whether what is not urgent is worth sending.
    var answers: Bool { self == .alive || self == .recovering }
}
