/// A node in a cluster that is formed: the way to the other members, and what it does for clients and for them.
final class FormedMember {
    let record: ClusterRecord
    /// Nil on a node that the record does not list.
    let selfIndex: Int?
    let replica: Replica
    private let recordHash: UInt64
    private let node: NodeDescription
    private let membership: Membership
    private let clock: any Clock
    private let observer: any ClusterObserver
    private let placement: Placement
    private let indexes: [String: Int]
    /// As of `standingsChange` of the membership.
    private var standings: [MemberStanding] = []
    private var standingsChange = -1
    private(set) var coordinator: Coordinator?
    private var hub: PeerHub?

    init(_ record: ClusterRecord, membership: Membership, parts: MemberParts) {
        self.record = record
        self.membership = membership
        node = membership.own
        clock = parts.clock
        observer = parts.observer
        replica = Replica(store: parts.store, catalog: parts.tables) { membership.isRecovering }
        recordHash = record.hash
        placement = Placement(record: record)
        let pairs = record.members.enumerated().map { ($1.nodeID, $0) }
        indexes = Dictionary(pairs) { first, _ in first }
        selfIndex = indexes[node.nodeID]
        let tables = parts.tables
        let coordinator = Coordinator(
            calls: self, store: parts.store, clock: clock, random: parts.random, observer: observer,
            settings: parts.settings, catalog: { tables.catalog })
        self.coordinator = coordinator
        hub = PeerHub(transport: parts.transport, clock: clock, view: self) { coordinator.soon($0) }
    }

    /// Bytes that wait to be sent to all peers.
    var waitingBytes: Int { hub?.waitingBytes ?? 0 }

    func name(_ index: Int) -> String { record.members[index].nodeID }
}

extension FormedMember {
    func tick() {
        hub?.expireWaiting()
        coordinator?.tick()
    }

    func endTurn() {
        guard let coordinator, let hub else { return }
        repeat {
            coordinator.runPostponed()
            hub.flush()
        } while coordinator.hasPostponed
    }
}

extension FormedMember: PeerCalls {
    func preferenceList(partition: Int) -> [Int] { placement.preferenceList(partition: partition) }

    func standing(of member: Int) -> MemberStanding {
        if standingsChange != membership.changes {
            standings = record.members.map { membership.standing(of: $0.nodeID) }
            standingsChange = membership.changes
        }
        return standings[member]
    }

    func call(
        _ member: Int, _ operation: PeerCall.Operation, over lane: PeerLane, origin: Origin,
        timeoutMilliseconds: UInt64, completion: @escaping (Result<PeerAnswer, PeerFailure>) -> Void
    ) {
        guard let hub, let coordinator else { preconditionFailure("a member called before it was whole") }
        guard member == selfIndex else {
            return hub[member].call(
                operation, over: lane, origin: origin, timeoutMilliseconds: timeoutMilliseconds,
                completion: completion)
        }
        let call = PeerCall(
            operation, remainingMilliseconds: UInt32(clamping: timeoutMilliseconds), origin: origin)
        coordinator.soon { self.replica.answer(call) { completion(.success($0)) } }
    }
}

extension FormedMember: PeerView {
    func address(of member: Int) -> String? { membership.address(of: record.members[member].nodeID) }

    func envelope(to member: Int) -> Envelope {
        Envelope(
            clusterID: record.clusterID, recordHash: recordHash, sender: node.nodeID,
            target: record.members[member].nodeID, storeID: node.storeID, bootNonce: node.bootNonce)
    }

    func accepts(_ envelope: Envelope, from member: Int) -> Bool {
        envelope.sender == record.members[member].nodeID && refusal(of: envelope) == nil
    }

    func answered(_ member: Int) {
        membership.answered(record.members[member].nodeID, nowMilliseconds: clock.monotonicMilliseconds)
    }

    func failed(_ member: Int, _ failure: PeerFailure) {
        if failure == .refused { membership.refusedConnection(record.members[member].nodeID) }
    }
}

// What other nodes ask.
extension FormedMember {
    /// Why a message with this envelope is none of ours; nil when it is.
    func refusal(of envelope: Envelope) -> String? {
        guard envelope.clusterID == record.clusterID, envelope.recordHash == recordHash else {
            return "\(envelope.sender) belongs to another cluster (\(envelope.clusterID)) than \(node.nodeID) "
                + "(\(record.clusterID))"
        }
        guard envelope.target == node.nodeID else {
            return "the message is meant for \(envelope.target), and this is \(node.nodeID)"
        }
        guard indexes[envelope.sender] != nil else { return "\(envelope.sender) is no member of this cluster" }
        return membership.refusal(of: envelope)
    }

    func answer(_ batch: CallBatch, completion: @escaping ([UInt8]) -> Void) {
        guard let sender = indexes[batch.envelope.sender] else {
            preconditionFailure("a stranger's batch was accepted")
        }
        let gathering = AnswerGathering(count: batch.calls.count) { [self] answers in
            completion(AnswerBatch(envelope(to: sender), answers: answers).encoded)
        }
        for (index, call) in batch.calls.enumerated() {
            let began = clock.monotonicNanoseconds
            replica.answer(call) { [self] answer in
                count(call, answer, since: began, of: batch.envelope.sender)
                gathering.set(answer, at: index)
            }
        }
    }

    private func count(_ call: PeerCall, _ answer: PeerAnswer, since began: UInt64, of sender: String) {
        guard let kind = ReceivedOperation.Kind(call.operation) else { return }
        observer.received(
            ReceivedOperation(
                kind: kind, succeeded: answer.isSuccess, nanoseconds: clock.monotonicNanoseconds - began,
                origin: call.origin, sender: sender))
    }
}

extension ReceivedOperation.Kind {
    /// Nil of what concerns no single item. Asking for a version is a read.
    fileprivate init?(_ operation: PeerCall.Operation) {
        switch operation {
        case .get, .version: self = .get
        case .put(_, _, let item): self = item.isTombstone ? .delete : .put
        case .readTable, .writeTable, .page, .sums: return nil
        }
    }
}

/// The answers to one batch, until the last has come.
private final class AnswerGathering {
    private var answers: [PeerAnswer?]
    private var missing: Int
    private let completion: ([PeerAnswer]) -> Void

    init(count: Int, completion: @escaping ([PeerAnswer]) -> Void) {
        answers = Array(repeating: nil, count: count)
        missing = count
        self.completion = completion
        if count == 0 { completion([]) }
    }

    func set(_ answer: PeerAnswer, at index: Int) {
        precondition(answers[index] == nil, "a call was answered twice")
        answers[index] = answer
        missing -= 1
        if missing == 0 { completion(answers.compactMap(\.self)) }
    }
}
