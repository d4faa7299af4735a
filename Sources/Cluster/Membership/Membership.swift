/// Who is there, where, and whether it answers. A member is alive while it answers what this node sends; hearing from
/// it proves only the other direction. Suspect after the failure timeout, or at once when its connection is refused;
/// dead after twice the timeout. Times are of the monotonic clock.
final class Membership {
    private struct Peer {
        var description: NodeDescription
        var metAt: UInt64
        var answeredAt: UInt64?
        var state = MemberStatus.State.suspect
        var clockOffset: Int64?
        /// Nobody has claimed this id under the store that the record names, and somebody does under another.
        var isReplaced = false

        mutating func forgive(_ milliseconds: UInt64) {
            metAt += milliseconds
            answeredAt = answeredAt.map { $0 + milliseconds }
        }
    }

    /// How many nodes are remembered at most. Beyond it strangers are not taken in.
    static let maximumNodes = 256

    let own: NodeDescription
    private let failureTimeoutMilliseconds: UInt64
    private var peers: [String: Peer] = [:]
    private var record: ClusterRecord?
    /// As of the last tick.
    private var now: UInt64
    /// Goes up whenever a standing may have changed.
    private(set) var changes = 0
    var onChange: ((_ nodeID: String, _ to: String) -> Void)?

    init(own: NodeDescription, failureTimeoutMilliseconds: UInt64, nowMilliseconds: UInt64) {
        self.own = own
        self.failureTimeoutMilliseconds = failureTimeoutMilliseconds
        now = nowMilliseconds
    }

    /// From here on the record says which store each member has.
    func adopt(_ record: ClusterRecord) {
        self.record = record
        for (id, peer) in peers { peers[id]?.isReplaced = isReplacement(peer.description) }
        changes += 1
    }

    /// Whom to send to, in the order of their ids.
    var known: [NodeDescription] { peers.values.map(\.description).sorted { $0.nodeID < $1.nodeID } }

    /// Those that answer, in the order of their ids. Only they are told to others: what two nodes know of a third by
    /// each other alone would never be forgotten.
    var answering: [NodeDescription] {
        peers.values.filter { $0.answeredAt != nil && $0.state != .dead }.map(\.description)
            .sorted { $0.nodeID < $1.nodeID }
    }

    func address(of nodeID: String) -> String? { peers[nodeID]?.description.address }

    func description(of nodeID: String) -> NodeDescription? {
        nodeID == own.nodeID ? own : peers[nodeID]?.description
    }

    func standing(of nodeID: String) -> MemberStanding {
        if nodeID == own.nodeID { return isRecovering ? .recovering : .alive }
        guard let peer = peers[nodeID] else { return .dead }
        switch peer.state {
        case .dead: return .dead
        case .alive: return peer.isReplaced ? .recovering : .alive
        case .suspect: return peer.isReplaced ? .recovering : .suspect
        }
    }

    /// Whether this node's store is not the one that its cluster was formed with: its disk was lost.
    var isRecovering: Bool { isReplacement(own) }

    /// Why a member's message is refused: it comes from a store that nobody has introduced.
    func refusal(of envelope: Envelope) -> String? {
        let recorded = record?.members.first { $0.nodeID == envelope.sender }?.storeID
        if envelope.storeID == recorded || envelope.storeID == peers[envelope.sender]?.description.storeID {
            return nil
        }
        return "\(envelope.sender) speaks from the store \(envelope.storeID), which is not known here yet"
    }

    private func isReplacement(_ description: NodeDescription?) -> Bool {
        guard let description,
            let member = record?.members.first(where: { $0.nodeID == description.nodeID })
        else { return false }
        return member.storeID != description.storeID
    }
}

// What is heard.
extension Membership {
    /// Takes in what a node says of itself or others of it; why it cannot be, if it cannot.
    @discardableResult
    func meet(_ description: NodeDescription, nowMilliseconds: UInt64) -> String? {
        if description.nodeID == own.nodeID { return conflictWithSelf(description) }
        guard var peer = peers[description.nodeID] else {
            guard peers.count < Self.maximumNodes else { return "more than \(Self.maximumNodes) nodes are known" }
            peers[description.nodeID] = Peer(
                description: description, metAt: nowMilliseconds, isReplaced: isReplacement(description))
            changes += 1
            return nil
        }
        let held = peer.description
        if held.storeID == description.storeID {
            guard (held.bootCounter, held.durableSequence) <= (description.bootCounter, description.durableSequence)
            else { return nil }
        } else if let problem = conflict(description, with: peer, nowMilliseconds: nowMilliseconds) {
            return problem
        } else if !replaces(description, held) {
            return nil
        }
        peer.description = description
        peer.isReplaced = isReplacement(description)
        peers[description.nodeID] = peer
        changes += 1
        return nil
    }

    private func conflictWithSelf(_ description: NodeDescription) -> String? {
        let isOurs = description.storeID == own.storeID && description.bootCounter <= own.bootCounter
        if isOurs || description.bootNonce == own.bootNonce { return nil }
        return "another process calls itself \(own.nodeID), at \(description.address); "
            + "every node needs a --node-id of its own"
    }

    /// Two stores under one id, and the one known so far still answers.
    private func conflict(_ other: NodeDescription, with peer: Peer, nowMilliseconds: UInt64) -> String? {
        guard peer.state == .alive, let answeredAt = peer.answeredAt,
            nowMilliseconds < answeredAt + failureTimeoutMilliseconds
        else { return nil }
        return "the id \(other.nodeID) is in use at \(peer.description.address); the node at \(other.address) "
            + "needs a --node-id of its own"
    }

    /// Of two stores under one id whose first is silent, the one that the record names stays; a new disk takes the
    /// place of a dead one.
    private func replaces(_ new: NodeDescription, _ held: NodeDescription) -> Bool {
        isReplacement(held) || !isReplacement(new) || standing(of: held.nodeID) != .alive
    }

    /// It has answered what this node sent it.
    func answered(_ nodeID: String, nowMilliseconds: UInt64) {
        guard var peer = peers[nodeID] else { return }
        peer.answeredAt = nowMilliseconds
        peers[nodeID] = peer
        if peer.state != .alive { change(nodeID, to: .alive) }
    }

    func learnedClock(of nodeID: String, offsetMilliseconds: Int64) {
        peers[nodeID]?.clockOffset = offsetMilliseconds
    }

    /// Nothing listens where it should be: its process is down.
    func refusedConnection(_ nodeID: String) {
        if peers[nodeID]?.state == .alive { change(nodeID, to: .suspect) }
    }

    func tick(nowMilliseconds: UInt64) {
        forgivePause(nowMilliseconds)
        for (id, peer) in peers.sorted(by: { $0.key < $1.key }) {
            let silent = now.subtractingToZero(peer.answeredAt ?? peer.metAt)
            if silent >= 2 * failureTimeoutMilliseconds {
                if peer.state != .dead { change(id, to: .dead) }
                // A member is one for good; whoever else falls silent before there is a record has gone.
                if record == nil { peers[id] = nil }
            } else if silent >= failureTimeoutMilliseconds, peer.state == .alive {
                change(id, to: .suspect)
            }
        }
    }

    /// Nobody can have answered while this process was frozen: their silence during that does not count.
    private func forgivePause(_ nowMilliseconds: UInt64) {
        let pause = nowMilliseconds.subtractingToZero(now)
        now = nowMilliseconds
        guard pause >= failureTimeoutMilliseconds / 2 else { return }
        for id in peers.keys { peers[id]?.forgive(pause) }
    }

    private func change(_ nodeID: String, to state: MemberStatus.State) {
        peers[nodeID]?.state = state
        changes += 1
        onChange?(nodeID, state.rawValue)
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
                    isRecovering: isRecovering, isSelf: true)
            }
            let peer = peers[id]
            return MemberStatus(
                nodeID: id, address: peer?.description.address, state: peer?.state ?? .dead,
                silentMilliseconds: peer?.answeredAt.map { nowMilliseconds.subtractingToZero($0) },
                clockOffsetMilliseconds: peer?.clockOffset, isRecovering: peer?.isReplaced ?? false, isSelf: false)
        }
    }
}
