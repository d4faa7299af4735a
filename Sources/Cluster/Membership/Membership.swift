/// Who is there, where, and whether it answers. A member is alive while it answers what this node sends; hearing from
/// it proves only the other direction. Suspect after the failure timeout, or at once when its connection is refused;
/// dead after twice the timeout. Times are of the monotonic clock.
final class Membership {
    private struct Peer {
        var persisted: PersistedMember
        var metAt: UInt64
        var answeredAt: UInt64?
        var state = MemberState.suspect
        var clockOffset: Int64?
        /// Its disk went back in time, and it does not know that yet.
        var hasRolledBack = false
        /// Another member says that this store has taken the place of the one known here.
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

    /// What came of a description of a node.
    enum ApplyResult: Equatable {
        case accepted
        /// Two nodes under one id, or too many of them: why it is none to talk to.
        case conflict(String)
        /// It comes from a disk that was replaced, or went back: what is remembered instead.
        case contradicted(NodeDescription)
    }

    private(set) var own: NodeDescription
    private let failureTimeoutMilliseconds: UInt64
    private var peers: [NodeID: Peer] = [:]
    private var record: ClusterRecord?
    /// As of the last tick.
    private var now: UInt64
    private var startedAt: UInt64
    /// Another member has heard of this process and remembers no later state of its disk, or nobody is there to ask.
    private var isConfirmed = false
    /// How far this node's wall clock is from the median of the members that answer, itself included.
    private(set) var distanceFromMedianClock: UInt64 = 0
    /// Goes up whenever a standing may have changed.
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

    /// From here on the record says which store each member has. `isNew`: it was formed just now, so nobody can
    /// remember anything else.
    func adopt(_ record: ClusterRecord, isNew: Bool) {
        self.record = record
        isConfirmed = isNew || record.members.count == 1
        for id in peers.keys.sorted() where member(id) == nil { peers[id] = nil }
        changes += 1
        for id in peers.keys.sorted() { persist(id) }
    }

    /// Whom to send to, in the order of their ids.
    var known: [NodeDescription] { peers.values.map(\.description).sorted { $0.nodeID < $1.nodeID } }

    /// Those that answer, in the order of their ids. Only they are told to others: what two nodes know of a third by
    /// each other alone would never be forgotten.
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
    /// Whether this node's store is not the one that its cluster was formed with.
    var ownIsReplacement: Bool { isReplacement(own) }

    /// Whether a later state of this node's disk, if there was one, would have been told of by now.
    var ownIsConfirmed: Bool { isConfirmed }

    func setOwn(storeID: StoreID? = nil, isRecovering: Bool) {
        own = NodeDescription(
            nodeID: own.nodeID, address: own.address, storeID: storeID ?? own.storeID, bootCounter: own.bootCounter,
            bootNonce: own.bootNonce, durableSequence: own.durableSequence, openedAtSequence: own.openedAtSequence,
            isRecovering: isRecovering)
        changes += 1
    }

    /// The store that a member serves from, as far as is known here.
    func storeID(of member: ClusterRecord.Member) -> StoreID {
        if member.nodeID == own.nodeID { return own.storeID }
        guard let peer = peers[member.nodeID] else { return member.storeID }
        return peer.replacedBy ?? peer.description.storeID
    }

    /// Another member says that a member serves from this store.
    func learn(of member: ClusterRecord.Member, storeID: StoreID) {
        guard var peer = peers[member.nodeID], peer.description.storeID != storeID, peer.replacedBy != storeID,
            !peer.persisted.retired.contains(storeID)
        else { return }
        peer.replacedBy = storeID
        peers[member.nodeID] = peer
        changes += 1
    }

    /// Why a member's message is refused: it comes from a store or a process that nobody has introduced. A process is
    /// introduced by its gossip, which is judged first: by its answers to anything else, one that is not to be believed
    /// would seem to be the one that is known.
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

// What is heard.
extension Membership {
    /// Takes in what a node says of itself, or others of it.
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
        // It has given its store another id.
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
        // What others say of an earlier process is merely old.
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

    /// Two nodes under one id, and the one known so far still answers.
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

// Who answers.
extension Membership {
    /// It has answered what this node sent it.
    func answered(_ nodeID: NodeID, nowMilliseconds: UInt64) {
        guard var peer = peers[nodeID] else { return }
        peer.answeredAt = nowMilliseconds
        peers[nodeID] = peer
        if peer.state != .alive { change(nodeID, to: .alive) }
    }

    /// A member has looked at what this node says of itself and knows nothing better.
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

    /// The slowest wall clock of the members that answer, less ours.
    var slowestClockOffset: Int64 { clockOffsets.first ?? 0 }

    /// Of the clocks of members that answer, less ours; ours, zero, is among them. Ascending.
    private var clockOffsets: [Int64] {
        (peers.values.filter { $0.state == .alive }.compactMap(\.clockOffset) + [0]).sorted()
    }

    /// Nothing listens where it should be: its process is down.
    func refusedConnection(_ nodeID: NodeID) {
        if peers[nodeID]?.state == .alive { change(nodeID, to: .suspect) }
    }

    func tick(nowMilliseconds: UInt64) {
        excludePause(nowMilliseconds)
        for (id, peer) in peers.sorted(by: { $0.key < $1.key }) {
            let silent = now.subtractingToZero(peer.answeredAt ?? peer.metAt)
            if silent >= 2 * failureTimeoutMilliseconds {
                if peer.state != .dead { change(id, to: .dead) }
                // A member is one for good; whoever else falls silent before there is a record has gone.
                if record == nil { peers[id] = nil }
            } else if silent >= failureTimeoutMilliseconds, peer.state == .alive {
                change(id, to: .suspect)
            }
            persist(id)
        }
        // Nobody is there to know better. A member of which nothing is known has as long to show itself as any other.
        // That does no harm where a read needs another replica as well, which refuses a process that it does not know;
        // one that is a quorum by itself might be cut off from those who remember more.
        guard let record, record.quorums.read > 1, now - startedAt >= 2 * failureTimeoutMilliseconds else { return }
        if peers.values.allSatisfy({ $0.state == .dead }) { confirmed() }
    }

    /// Nobody can have answered while this process was frozen: their silence during that does not count.
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

// What is shown.
extension Membership {
    /// Of the record's members, or of all known nodes while there is no record; in the order of their ids.
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
