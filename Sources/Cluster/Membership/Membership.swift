/// The known nodes with their addresses, stores and liveness: the failure detector. A member is alive while it responds
/// to this node's messages; messages from it prove only the other direction. It becomes suspect after the failure
/// timeout, or at once if it refuses a connection, and dead after twice the timeout. Times are monotonic milliseconds.
final class Membership {
    private struct Peer {
        var persisted: PersistedMember
        var metAt: UInt64
        var answeredAt: UInt64?
        var state = MemberState.suspect
        var clockOffset: Int64?
        /// Whether its disk was rolled back and it has not reported that yet.
        var hasRolledBack = false
        /// The store id that another member reported as the replacement of the one known here.
        var replacedBy: StoreID?
        /// What is written of it on the disk.
        var written: PersistedMember?

        var description: NodeDescription { persisted.description }
        var isRecovering: Bool { description.isRecovering || hasRolledBack }

        mutating func extendTimeouts(_ milliseconds: UInt64) {
            metAt += milliseconds
            answeredAt = answeredAt.map { $0 + milliseconds }
        }
    }

    /// The result of applying a node's description.
    enum ApplyResult: Equatable {
        case accepted
        /// Two nodes use one id, or too many nodes are known. The text says why the description is rejected.
        case conflict(String)
        /// The description comes from a replaced or rolled-back disk. The value is this node's newer record of it.
        case contradicted(NodeDescription)
    }

    private(set) var own: NodeDescription
    private let failureTimeoutMilliseconds: UInt64
    private var peers: [NodeID: Peer] = [:]
    private var record: ClusterRecord?
    /// The time of the last tick.
    private var now: UInt64
    private var startedAt: UInt64
    /// Whether a peer has confirmed that this node's disk was not rolled back, or no peer is there to ask.
    private var isConfirmed = false
    /// The distance in milliseconds of this node's wall clock from the median of all alive members, including itself.
    private(set) var distanceFromMedianClock: UInt64 = 0
    /// A counter that increases whenever a member's liveness or store may have changed.
    private(set) var changes = 0
    var onChange: ((_ nodeID: NodeID, _ state: MemberState) -> Void)?
    /// Called with what should be written of a member.
    var onPersist: ((PersistedMember) -> Void)?

    /// `memories` as they were written.
    init(
        own: NodeDescription, persisted members: [PersistedMember] = [], failureTimeoutMilliseconds: UInt64,
        nowMilliseconds: UInt64
    ) {
        self.own = own
        self.failureTimeoutMilliseconds = failureTimeoutMilliseconds
        now = nowMilliseconds
        startedAt = now
        for member in members.prefix(MembershipLimits.nodes) where member.description.nodeID != own.nodeID {
            peers[member.description.nodeID] = Peer(persisted: member, metAt: now, written: member)
        }
    }

    /// Adopts the cluster record, which lists the members and their original stores. `isNew` means that the bootstrap
    /// has just completed, so no peer can know a later state of this node's disk.
    func adopt(_ record: ClusterRecord, isNew: Bool) {
        self.record = record
        isConfirmed = isNew || record.members.count == 1
        for id in peers.keys.sorted() where member(id) == nil { peers[id] = nil }
        changes += 1
        for id in peers.keys.sorted() { persist(id) }
    }

    /// All known peers, sorted by id.
    var known: [NodeDescription] { peers.values.map(\.description).sorted { $0.nodeID < $1.nodeID } }

    /// The peers that respond, sorted by id. Only these are included in gossip: otherwise two nodes could keep a
    /// departed third one alive by reporting it to each other.
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

// Stores.
extension Membership {
    /// Whether this node's store is not the one listed in the cluster record.
    var ownIsReplacement: Bool { isReplacement(own) }

    /// Whether a peer has confirmed that this node's disk was not rolled back.
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

    /// Applies another member's report of a member's current store.
    func learn(of member: ClusterRecord.Member, storeID: StoreID) {
        guard var peer = peers[member.nodeID], peer.description.storeID != storeID, peer.replacedBy != storeID,
            !peer.persisted.retired.contains(storeID)
        else { return }
        peer.replacedBy = storeID
        peers[member.nodeID] = peer
        changes += 1
    }

    /// Why a member's message is rejected: its store or process is not known here. Only gossip introduces a process,
    /// because gossip is checked for contradictions first. Otherwise a process with a rolled-back disk could answer
    /// calls in the name of the known one.
    func rejectionReason(_ envelope: Envelope) -> String? {
        guard let member = member(envelope.sender) else { return "\(envelope.sender) is no member of this cluster" }
        let known = peers[envelope.sender]?.description
        guard envelope.storeID == known?.storeID ?? member.storeID else {
            return "\(envelope.sender) speaks from the store \(envelope.storeID), which is not known here yet"
        }
        guard known == nil || envelope.bootNonce == known?.bootNonce else {
            return "\(envelope.sender) speaks from a process that is not known here yet"
        }
        return nil
    }
}

// Descriptions of nodes, from gossip.
extension Membership {
    /// Applies a node's description, reported by itself (`isDirect`) or by another node.
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
        // The process assigned a new id to its store.
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
        // An indirect description of an earlier process is outdated, not a contradiction.
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
        return "another process calls itself \(own.nodeID), at \(description.address); "
            + "every node needs a --node-id of its own"
    }

    /// A conflict if two nodes use one id: the node known so far still responds.
    private func conflict(_ other: NodeDescription, with peer: Peer, nowMilliseconds: UInt64) -> String? {
        guard peer.state == .alive, let answeredAt = peer.answeredAt,
            nowMilliseconds < answeredAt + failureTimeoutMilliseconds
        else { return nil }
        return "the id \(other.nodeID) is in use at \(peer.description.address); the node at \(other.address) "
            + "needs a --node-id of its own"
    }

    /// Has what is known of a member written on the disk, if that is more than what is there.
    private func persist(_ nodeID: NodeID) {
        guard let peer = peers[nodeID], member(nodeID) != nil, peer.written != peer.persisted else { return }
        peers[nodeID]?.written = peer.persisted
        onPersist?(peer.persisted)
    }

    /// It could not be written.
    func notPersisted(_ nodeID: NodeID) { peers[nodeID]?.written = nil }
}

// The failure detector.
extension Membership {
    /// A member has responded to a message of this node.
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

    /// The offset of the slowest wall clock of all alive members from this node's clock.
    var slowestClockOffset: Int64 { clockOffsets.first ?? 0 }

    /// The clock offsets of alive members from this node's clock, ascending, including zero for this node.
    private var clockOffsets: [Int64] {
        (peers.values.filter { $0.state == .alive }.compactMap(\.clockOffset) + [0]).sorted()
    }

    /// A member refused a connection, so its process is down.
    func refusedConnection(_ nodeID: NodeID) {
        if peers[nodeID]?.state == .alive { change(nodeID, to: .suspect) }
    }

    func tick(nowMilliseconds: UInt64) {
        excludePause(nowMilliseconds)
        for (id, peer) in peers.sorted(by: { $0.key < $1.key }) {
            let silent = now.subtractingToZero(peer.answeredAt ?? peer.metAt)
            if silent >= 2 * failureTimeoutMilliseconds {
                if peer.state != .dead { change(id, to: .dead) }
                // Before the bootstrap, a silent node is removed. Members of the record are never removed.
                if record == nil { peers[id] = nil }
            } else if silent >= failureTimeoutMilliseconds, peer.state == .alive {
                change(id, to: .suspect)
            }
            persist(id)
        }
        // If all peers have been dead for twice the failure timeout, no peer can confirm this node, and it confirms
        // itself. This is safe if R > 1, because a read then needs another replica, which rejects an unknown process.
        // With R = 1 the node could be partitioned from peers that know of a later state of its disk.
        guard let record, record.quorums.read > 1, now - startedAt >= 2 * failureTimeoutMilliseconds else { return }
        if peers.values.allSatisfy({ $0.state == .dead }) { confirmed() }
    }

    /// Extends the timeouts by a pause of this process, during which no response could be received.
    private func excludePause(_ nowMilliseconds: UInt64) {
        let pause = nowMilliseconds.subtractingToZero(now)
        now = nowMilliseconds
        guard pause >= failureTimeoutMilliseconds / 2 else { return }
        startedAt += pause
        for id in peers.keys { peers[id]?.extendTimeouts(pause) }
    }

    private func change(_ nodeID: NodeID, to state: MemberState) {
        peers[nodeID]?.state = state
        changes += 1
        compareClocks()
        onChange?(nodeID, state)
    }
}

// Status for operators.
extension Membership {
    /// The status of all members of the record, or of all known nodes before the bootstrap, sorted by id.
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
