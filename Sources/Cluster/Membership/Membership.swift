/// The known nodes: their addresses, stores and liveness. `FailureDetector` decides which of them are alive; a node
/// that refuses a connection is suspect at once. Times are those of the monotonic clock.
final class Membership {
    private struct Peer {
        var persisted: PersistedMember
        var metAt: UInt64
        var answeredAt: UInt64?
        var state = MemberState.suspect
        var clockOffset: Int64?
        /// Whether the peer's disk was rolled back and the peer has not reported that yet.
        var hasRolledBack = false
        /// The store id that has replaced the member's known one, as a third node reported; nil if none has.
        var replacedBy: StoreID?
        /// The state of this member that this node's disk holds or that is being written to it; nil if there is none.
        var written: PersistedMember?

        var description: NodeDescription { persisted.description }
        var isRecovering: Bool { description.isRecovering || hasRolledBack }
        var lastResponse: UInt64 { answeredAt ?? metAt }

        mutating func extendTimeouts(_ milliseconds: UInt64) {
            metAt += milliseconds
            answeredAt = answeredAt.map { $0 + milliseconds }
        }
    }

    /// The result of recording what a heartbeat says about a node.
    enum ApplyResult: Equatable {
        case accepted
        /// The node is rejected, with the reason: another node has the same id, or too many nodes are known.
        case conflict(String)
        /// The description shows that the node's disk was replaced or rolled back. Contains the later state of the node
        /// that this node knows.
        case contradicted(NodeDescription)
    }

    private(set) var own: NodeDescription
    private var detector: FailureDetector
    private var peers: [NodeID: Peer] = [:]
    private var record: ClusterRecord?
    /// Whether a peer has confirmed that this node's disk was not rolled back, or no peer can.
    private var isConfirmed = false
    /// Distance of this node's wall clock from the median of the answering members, itself included, in milliseconds.
    private(set) var distanceFromMedianClock: UInt64 = 0
    /// A counter that increases whenever the liveness or store of a member may have changed.
    private(set) var changes = 0
    var onChange: ((_ nodeID: NodeID, _ state: MemberState) -> Void)?
    /// Called to store the state of a member durably.
    var onPersist: ((PersistedMember) -> Void)?

    /// `members` are the states of the other members that were read from this node's store.
    init(
        own: NodeDescription, persisted members: [PersistedMember] = [], failureTimeoutMilliseconds: UInt64,
        nowMilliseconds: UInt64
    ) {
        self.own = own
        detector = FailureDetector(
            timeoutMilliseconds: failureTimeoutMilliseconds, nowMilliseconds: nowMilliseconds)
        for member in members.prefix(MembershipLimits.nodes) where member.description.nodeID != own.nodeID {
            peers[member.description.nodeID] = Peer(persisted: member, metAt: nowMilliseconds, written: member)
        }
    }

    /// Adopts the cluster record and forgets all nodes that it does not list. `isNew` tells that the cluster was
    /// bootstrapped just now, so that no member can know a later state of this node's disk.
    func adopt(_ record: ClusterRecord, isNew: Bool) {
        self.record = record
        isConfirmed = isNew || record.members.count == 1
        for id in peers.keys.sorted() where member(id) == nil { peers[id] = nil }
        changes += 1
        for id in peers.keys.sorted() { persist(id) }
    }

    /// All known nodes but this one, ordered by id.
    var known: [NodeDescription] { peers.values.map(\.description).sorted { $0.nodeID < $1.nodeID } }

    /// The nodes that answer, ordered by id. Gossip names only these to other nodes: two nodes that knew a third only
    /// from each other would never forget it.
    var answering: [NodeDescription] {
        peers.values.filter { $0.answeredAt != nil && $0.state != .dead }.map(\.description)
            .sorted { $0.nodeID < $1.nodeID }
    }

    func address(of nodeID: NodeID) -> String? { peers[nodeID]?.description.address }

    func description(of nodeID: NodeID) -> NodeDescription? {
        nodeID == own.nodeID ? own : peers[nodeID]?.description
    }

    func liveness(of nodeID: NodeID) -> Liveness {
        if nodeID == own.nodeID { return own.isRecovering ? .recovering : .alive }
        guard let peer = peers[nodeID] else { return .dead }
        switch peer.state {
        case .dead: return .dead
        case .alive: return peer.isRecovering ? .recovering : .alive
        case .suspect: return peer.isRecovering ? .recovering : .suspect
        }
    }

    private func member(_ nodeID: NodeID) -> ClusterRecord.Member? {
        record?.members.first { $0.nodeID == nodeID }
    }

    private func isReplacement(_ description: NodeDescription) -> Bool {
        member(description.nodeID).map { $0.storeID != description.storeID } ?? false
    }
}

// The store ids of members, and the check of the store id and the process that a message comes from.
extension Membership {
    /// Whether this node's store is not the one in the cluster record.
    var ownIsReplacement: Bool { isReplacement(own) }

    /// Whether this node's disk is known not to have been rolled back.
    var ownIsConfirmed: Bool { isConfirmed }

    func setOwn(storeID: StoreID? = nil, isRecovering: Bool) {
        own = NodeDescription(
            nodeID: own.nodeID, address: own.address, storeID: storeID ?? own.storeID, bootCounter: own.bootCounter,
            bootNonce: own.bootNonce, durableSequence: own.durableSequence, openedAtSequence: own.openedAtSequence,
            isRecovering: isRecovering)
        changes += 1
    }

    /// The current store id of a member, as far as this node knows.
    func storeID(of member: ClusterRecord.Member) -> StoreID {
        if member.nodeID == own.nodeID { return own.storeID }
        guard let peer = peers[member.nodeID] else { return member.storeID }
        return peer.replacedBy ?? peer.description.storeID
    }

    /// Records the report of another member that `member` now serves from the store `storeID`.
    func learn(of member: ClusterRecord.Member, storeID: StoreID) {
        guard var peer = peers[member.nodeID], peer.description.storeID != storeID, peer.replacedBy != storeID,
            !peer.persisted.retired.contains(storeID)
        else { return }
        peer.replacedBy = storeID
        peers[member.nodeID] = peer
        changes += 1
    }

    /// Why a message is rejected: its sender is no member, or serves from a store or process that is not known here. A
    /// new process becomes known by its gossip only, because gossip detects rolled back and replaced disks; accepted by
    /// other messages, such a process could pass for the known one.
    func rejectionReason(_ envelope: Envelope) -> String? {
        guard let member = member(envelope.sender) else { return "\(envelope.sender) is no member of this cluster" }
        let known = peers[envelope.sender]?.description
        guard envelope.storeID == known?.storeID ?? member.storeID else {
            return "\(envelope.sender) serves from the store \(envelope.storeID), which is not known here yet"
        }
        guard known == nil || envelope.bootNonce == known?.bootNonce else {
            return "\(envelope.sender) serves from a process that is not known here yet"
        }
        return nil
    }
}

// Descriptions of nodes.
extension Membership {
    /// Applies a description of a node, by the node itself (`isDirect`) or by another.
    @discardableResult
    func apply(_ description: NodeDescription, isDirect: Bool = false, nowMilliseconds: UInt64) -> ApplyResult {
        if description.nodeID == own.nodeID {
            return conflictWithSelf(description).map(ApplyResult.conflict) ?? .accepted
        }
        guard let peer = peers[description.nodeID] else {
            guard peers.count < MembershipLimits.nodes else {
                return .conflict("more than \(MembershipLimits.nodes) nodes are known")
            }
            peers[description.nodeID] = Peer(
                persisted: PersistedMember(description: description), metAt: nowMilliseconds)
            changes += 1
            persist(description.nodeID)
            return .accepted
        }
        let result = judge(description, against: peer, isDirect: isDirect, nowMilliseconds: nowMilliseconds)
        if case .contradicted = result, !peer.hasRolledBack {
            peers[description.nodeID]?.hasRolledBack = true
            changes += 1
        }
        return result
    }

    private func judge(
        _ new: NodeDescription, against peer: Peer, isDirect: Bool, nowMilliseconds: UInt64
    ) -> ApplyResult {
        let held = peer.description
        let isSameProcess = held.storeID == new.storeID && held.bootNonce == new.bootNonce
        let isNext = held.storeID == new.storeID && new.bootCounter > held.bootCounter
        // The boot nonce is the same, so the running process of that node has given its store a new id.
        if isDirect, held.storeID != new.storeID, held.bootNonce == new.bootNonce {
            adopt(new, of: peer)
            return .accepted
        }
        if isDirect, !isSameProcess, !isNext,
            let problem = conflict(new, with: peer, nowMilliseconds: nowMilliseconds)
        {
            return .conflict(problem)
        }
        if held.storeID != new.storeID {
            if peer.persisted.retired.contains(new.storeID) { return isDirect ? .contradicted(held) : .accepted }
            if isDirect || liveness(of: held.nodeID) != .alive { adopt(new, of: peer) }
            return .accepted
        }
        if isSameProcess {
            if held.durableSequence <= new.durableSequence { adopt(new, of: peer) }
            return .accepted
        }
        if isNext, new.openedAtSequence >= held.durableSequence {
            adopt(new, of: peer)
            return .accepted
        }
        // A description by a third node may be of an earlier process, so only a node's own description shows that its
        // disk was rolled back.
        return isDirect && record != nil ? .contradicted(held) : .accepted
    }

    private func adopt(_ new: NodeDescription, of peer: Peer) {
        var peer = peer
        let old = peer.description
        if old.storeID != new.storeID { peer.persisted.retire(old.storeID) }
        peer.persisted.retired.removeAll { $0 == new.storeID }
        peer.persisted.description = new
        peer.replacedBy = nil
        peer.hasRolledBack = false
        peers[new.nodeID] = peer
        changes += 1
        persist(new.nodeID)
    }

    private func conflictWithSelf(_ description: NodeDescription) -> String? {
        let isOurs = description.storeID == own.storeID && description.bootCounter <= own.bootCounter
        if isOurs || description.bootNonce == own.bootNonce { return nil }
        return "another process uses the id \(own.nodeID), at \(description.address); "
            + "every node needs a --node-id of its own"
    }

    /// Describes the conflict of two nodes that have the same id while the known one still answers; nil if the known
    /// one has not answered within the failure timeout.
    private func conflict(_ other: NodeDescription, with peer: Peer, nowMilliseconds: UInt64) -> String? {
        guard peer.state == .alive, let answeredAt = peer.answeredAt,
            nowMilliseconds < answeredAt + detector.timeoutMilliseconds
        else { return nil }
        return "the id \(other.nodeID) is in use at \(peer.description.address); the node at \(other.address) "
            + "needs a --node-id of its own"
    }

    /// Requests that the state of a member is stored, unless the disk holds that state already.
    private func persist(_ nodeID: NodeID) {
        guard let peer = peers[nodeID], member(nodeID) != nil, peer.written != peer.persisted else { return }
        peers[nodeID]?.written = peer.persisted
        onPersist?(peer.persisted)
    }

    /// The state of a member could not be stored. `tick` tries again.
    func notPersisted(_ nodeID: NodeID) { peers[nodeID]?.written = nil }
}

// Responses of members, their clocks, and their liveness.
extension Membership {
    /// The node has answered a message of this node.
    func answered(_ nodeID: NodeID, nowMilliseconds: UInt64) {
        guard var peer = peers[nodeID] else { return }
        peer.answeredAt = nowMilliseconds
        peers[nodeID] = peer
        if peer.state != .alive { change(nodeID, to: .alive) }
    }

    /// A member has confirmed that it knows no later state of this node's disk.
    func confirmed() {
        guard !isConfirmed else { return }
        isConfirmed = true
        changes += 1
    }

    func learnedClock(of nodeID: NodeID, offsetMilliseconds: Int64) {
        peers[nodeID]?.clockOffset = offsetMilliseconds
        compareClocks()
    }

    private func compareClocks() {
        let offsets = clockOffsets
        let (lower, upper) = (offsets[(offsets.count - 1) / 2], offsets[offsets.count / 2])
        distanceFromMedianClock = (lower / 2 + upper / 2).magnitude
    }

    /// The slowest wall clock of the members that answer, minus this node's, in milliseconds. At most zero.
    var slowestClockOffset: Int64 { clockOffsets.first ?? 0 }

    /// The wall clocks of the members that answer, minus this node's, ascending; includes the zero of this node.
    private var clockOffsets: [Int64] {
        (peers.values.filter { $0.state == .alive }.compactMap(\.clockOffset) + [0]).sorted()
    }

    /// The node's address refused a connection: its process is down.
    func refusedConnection(_ nodeID: NodeID) {
        if peers[nodeID]?.state == .alive { change(nodeID, to: .suspect) }
    }

    func tick(nowMilliseconds: UInt64) {
        let pause = detector.advance(toMilliseconds: nowMilliseconds)
        if pause > 0 {
            for id in peers.keys { peers[id]?.extendTimeouts(pause) }
        }
        for (id, peer) in peers.sorted(by: { $0.key < $1.key }) {
            let state = detector.state(after: peer.state, lastResponseMilliseconds: peer.lastResponse)
            if state != peer.state { change(id, to: state) }
            // Before the bootstrap, a dead node is removed. Members of the record never are.
            if state == .dead, record == nil { peers[id] = nil }
            persist(id)
        }
        // When all peers have been dead since the start, this node assumes that its disk was not rolled back: no peer
        // is there to know a later state of it. That is safe where R > 1, because reads need another replica, which
        // rejects a process that it does not know. With R = 1, this node alone is a read quorum, and might only be cut
        // off from its peers.
        guard let record, record.quorums.read > 1, detector.hasWaitedForAll else { return }
        if peers.values.allSatisfy({ $0.state == .dead }) { confirmed() }
    }

    private func change(_ nodeID: NodeID, to state: MemberState) {
        peers[nodeID]?.state = state
        changes += 1
        compareClocks()
        onChange?(nodeID, state)
    }
}

// The status of each member, for operators and the HTTP API.
extension Membership {
    /// The members of the record, or before bootstrap all known nodes ordered by id.
    func statuses(nowMilliseconds: UInt64) -> [MemberStatus] {
        let ids = record?.members.map(\.nodeID) ?? (Array(peers.keys) + [own.nodeID]).sorted()
        return ids.map { id in
            guard id != own.nodeID else {
                return MemberStatus(
                    nodeID: id, address: own.address, state: .alive, silentMilliseconds: 0, clockOffsetMilliseconds: 0,
                    isRecovering: own.isRecovering, isSelf: true)
            }
            let peer = peers[id]
            return MemberStatus(
                nodeID: id, address: peer?.description.address, state: peer?.state ?? .dead,
                silentMilliseconds: peer?.answeredAt.map { nowMilliseconds.subtractingToZero($0) },
                clockOffsetMilliseconds: peer?.clockOffset, isRecovering: peer?.isRecovering ?? false, isSelf: false)
        }
    }
}
