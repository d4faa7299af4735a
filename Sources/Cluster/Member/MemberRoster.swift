/// The members of this node's cluster: the cluster record and what follows from it, with the liveness, store and
/// address of each member as `Membership` knows them, cached until that changes.
final class MemberRoster: Roster {
    let record: ClusterRecord
    let selfIndex: MemberIndex?
    private let recordHash: UInt64
    private let membership: Membership
    private let clock: any TimeSource
    private let preferenceLists: PreferenceLists
    private let indexes: [NodeID: MemberIndex]
    /// The liveness of each member. This array, `stores` and `replacements` are copied from `Membership` and are valid
    /// while its `changes` equals `knownChange`.
    private var livenesses: [Liveness] = []
    private var stores: [StoreID] = []
    private var replacements: [Envelope.Replacement] = []
    private var knownChange = -1
    private var shared: [MemberIndex: [PartitionID]] = [:]

    init(_ record: ClusterRecord, membership: Membership, clock: any TimeSource) {
        self.record = record
        self.membership = membership
        self.clock = clock
        recordHash = record.hash
        preferenceLists = PreferenceLists(record: record)
        let pairs = record.members.enumerated().map { ($1.nodeID, MemberIndex($0)) }
        indexes = Dictionary(pairs) { first, _ in first }
        selfIndex = indexes[membership.own.nodeID]
    }

    func nodeID(of member: MemberIndex) -> NodeID { record.members[member].nodeID }

    func index(of nodeID: NodeID) -> MemberIndex? { indexes[nodeID] }

    func address(of member: MemberIndex) -> String? { membership.address(of: nodeID(of: member)) }

    func preferenceList(partition: PartitionID) -> [MemberIndex] {
        preferenceLists.preferenceList(partition: partition)
    }

    /// The partitions that both this node and `member` hold, in order.
    func sharedPartitions(with member: MemberIndex) -> [PartitionID] {
        if let known = shared[member] { return known }
        guard let selfIndex else { return [] }
        let both = record.partitionIDs.filter { partition in
            let list = preferenceLists.preferenceList(partition: partition)
            return list.contains(selfIndex) && list.contains(member)
        }
        shared[member] = both
        return both
    }

    func liveness(of member: MemberIndex) -> Liveness {
        refresh()
        return livenesses[member]
    }

    func storeID(of member: MemberIndex) -> StoreID {
        refresh()
        return stores[member]
    }

    private func refresh() {
        guard knownChange != membership.changes else { return }
        knownChange = membership.changes
        livenesses = record.members.map { membership.liveness(of: $0.nodeID) }
        stores = record.members.map(membership.storeID)
        replacements = record.memberIndexes.filter { stores[$0] != record.members[$0].storeID }
            .map { Envelope.Replacement(member: $0, storeID: stores[$0]) }
    }

    var ownIsConfirmed: Bool { membership.ownIsConfirmed }

    var clockProblem: String? {
        let limit = record.gcGraceMilliseconds / 4
        let distance = membership.distanceFromMedianClock
        guard distance > limit else { return nil }
        return "the wall clock of \(membership.own.nodeID) is \(distance) ms from the median of the members' clocks; "
            + "at most a quarter of --gc-grace (\(limit) ms) is allowed"
    }

    /// The slowest wall clock of the members that answer, less this node's, in milliseconds.
    var slowestClockOffset: Int64 { membership.slowestClockOffset }
}

// Envelopes.
extension MemberRoster {
    func envelope(to member: MemberIndex) -> Envelope {
        refresh()
        let own = membership.own
        return Envelope(
            clusterID: record.clusterID, recordHash: recordHash, sender: own.nodeID, target: nodeID(of: member),
            storeID: own.storeID, bootNonce: own.bootNonce, replacements: replacements)
    }

    /// Why a message is rejected, judged by its header (`Envelope`); nil when it is for this node and from a member's
    /// known process.
    func rejectionReason(_ envelope: Envelope) -> String? {
        guard envelope.clusterID == record.clusterID, envelope.recordHash == recordHash else {
            return "\(envelope.sender) belongs to another cluster (\(envelope.clusterID)) than "
                + "\(membership.own.nodeID) (\(record.clusterID))"
        }
        guard envelope.target == membership.own.nodeID else {
            return "the message is for \(envelope.target), and this is \(membership.own.nodeID)"
        }
        return membership.rejectionReason(envelope)
    }

    /// Whether an answer with this header (`Envelope`) comes from the member that was called and from the store that
    /// this node knows of it. If so, records the replaced store ids of members that the header lists.
    func accepts(_ envelope: Envelope, from member: MemberIndex) -> Bool {
        guard envelope.sender == nodeID(of: member), rejectionReason(envelope) == nil else { return false }
        // An answer from a store that has been replaced does not count. [A's acknowledgement is late, and B's answer
        // has reported meanwhile that A's disk was replaced.]
        guard envelope.storeID == storeID(of: member) else { return false }
        learn(envelope.replacements)
        return true
    }

    /// Records the store ids that another member reports as replaced. Reports about nodes that the cluster record does
    /// not list are ignored.
    func learn(_ replacements: [Envelope.Replacement]) {
        for replacement in replacements where replacement.member.rawValue < record.members.count {
            membership.learn(of: record.members[replacement.member], storeID: replacement.storeID)
        }
    }
}

// Signs of life.
extension MemberRoster {
    /// The member answered a batch.
    func answered(_ member: MemberIndex) {
        membership.answered(nodeID(of: member), nowMilliseconds: clock.monotonicMilliseconds)
    }

    /// The member did not answer a batch. A refused connection makes it suspect at once.
    func failed(_ member: MemberIndex, _ failure: PeerFailure) {
        if failure == .refused { membership.refusedConnection(nodeID(of: member)) }
    }
}
