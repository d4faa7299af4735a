/// Bootstraps a cluster once from nodes that have no cluster record yet. When exactly `--bootstrap-expect` nodes know
/// each other, the node with the lowest id proposes a record. Every listed node durably accepts at most one record. A
/// node that learns that all members have accepted the record treats it as final. The proposer is not needed for that.
///
/// A node reports an acceptance only after it is durable, and serves clients only after the record is final.
final class Bootstrap {
    private let settings: MemberSettings
    private let membership: Membership
    private let store: any ReplicaStore
    private var random: AnyRandom
    /// Why a record conflicts with this node's configuration; nil when it does not.
    private let contradiction: (ClusterRecord) -> String?
    private(set) var stored: StoredRecord
    /// Members known to have accepted the record that this node has accepted.
    private var acceptedBy: Set<NodeID> = []
    /// The latest heartbeat or heartbeat response of each other node, by node id.
    private var received: [NodeID: GossipMessage] = [:]
    private var isStoring = false
    /// Hashes of the records whose bootstrap was aborted on this node since its start.
    private var aborted: Set<UInt64> = []
    /// Why the bootstrap has not completed, as text for operators.
    private(set) var problem: String?
    /// `hadAccepted` tells whether this node has a durable acceptance of the record. A listed node without one has lost
    /// its disk.
    var onBootstrapped: ((_ record: ClusterRecord, _ hadAccepted: Bool) -> Void)?

    init(
        _ settings: MemberSettings, stored: StoredRecord, membership: Membership, store: any ReplicaStore,
        random: AnyRandom, contradiction: @escaping (ClusterRecord) -> String?
    ) {
        self.settings = settings
        self.stored = stored
        self.membership = membership
        self.store = store
        self.random = random
        self.contradiction = contradiction
        if case .accepted = stored { acceptedBy = [settings.nodeID] }
    }

    var bootstrapped: ClusterRecord? {
        if case .bootstrapped(let record) = stored { record } else { nil }
    }

    var view: BootstrapView {
        switch stored {
        case .none:
            BootstrapView(expected: settings.bootstrapExpect, record: nil, isBootstrapped: false, acceptedBy: [])
        case .accepted(let record):
            BootstrapView(
                expected: settings.bootstrapExpect, record: record, isBootstrapped: false,
                acceptedBy: acceptedBy.sorted())
        case .bootstrapped(let record):
            BootstrapView(expected: settings.bootstrapExpect, record: record, isBootstrapped: true, acceptedBy: [])
        }
    }

    /// Aborts the bootstrap at an operator's request: durably deletes the accepted record and starts over. This breaks
    /// the rule of a single acceptance, so it must be done on every node that holds the record. Until it restarts, the
    /// node does not accept the same record again, unless another member reports it as final.
    func abort(completion: @escaping (AbortBootstrapRefusal?) -> Void) {
        switch stored {
        case .bootstrapped: completion(.bootstrapped)
        case .none: completion(isStoring ? .busy : .nothingAccepted)
        case .accepted where isStoring: completion(.busy)
        case .accepted(let record):
            store(.none) { [self] isStored in
                if isStored { aborted.insert(record.hash) }
                completion(isStored ? nil : .notStored)
            }
        }
    }
}

// Evaluates heartbeats during bootstrap: accepts a proposed record, counts acceptances, and adopts a final record.
extension Bootstrap {
    func learn(_ message: GossipMessage) {
        guard bootstrapped == nil, !isStoring else { return }
        received[message.sender.nodeID] = message
        guard let record = message.bootstrap.record else { return proposeIfDue() }
        if message.bootstrap.isBootstrapped { return adoptBootstrapped(record) }
        switch stored {
        case .none: acceptIfFit(record, proposedBy: message)
        case .accepted(record):
            acceptedBy.formUnion(record.listed(message.bootstrap.acceptedBy))
            bootstrapIfAllAccepted(record)
        case .accepted(let own):
            if PlantedFault.twoRecords.isPlanted { return acceptIfFit(record, proposedBy: message) }
            problem = "this node has accepted the record of cluster \(own.clusterID), and \(message.sender.nodeID) "
                + "that of \(record.clusterID); nothing is served until one is aborted with "
                + "`hedgehogctl abandon-formation`"
        case .bootstrapped: break
        }
    }

    private func adoptBootstrapped(_ record: ClusterRecord) {
        guard record.members.contains(where: { $0.nodeID == settings.nodeID }) else {
            problem = Self.notListed(settings.nodeID, record)
            return
        }
        if let why = contradiction(record) {
            problem = why
            return
        }
        store(.bootstrapped(record))
    }

    static func notListed(_ nodeID: NodeID, _ record: ClusterRecord) -> String {
        let members = record.members.map(\.nodeID.description).joined(separator: ", ")
        return "cluster \(record.clusterID) has the members \(members); \(nodeID) is not one of them"
    }

    private func acceptIfFit(_ record: ClusterRecord, proposedBy message: GossipMessage) {
        if let why = unfitness(of: record) {
            problem = why
            return
        }
        acceptedBy = Set(record.listed(message.bootstrap.acceptedBy))
        store(.accepted(record))
    }

    private func unfitness(of record: ClusterRecord) -> String? {
        guard !aborted.contains(record.hash) else {
            return "this node has aborted the bootstrap of a record that others still hold; "
                + "run `hedgehogctl abandon-formation` there"
        }
        guard let own = record.members.first(where: { $0.nodeID == settings.nodeID }) else {
            return Self.notListed(settings.nodeID, record)
        }
        guard own.storeID == membership.own.storeID else {
            return "the proposed cluster record lists another data directory of \(settings.nodeID); "
                + "run `hedgehogctl abort-bootstrap` on the other nodes to start over"
        }
        guard record.members.count == settings.bootstrapExpect else {
            return "the proposed cluster has \(record.members.count) members, and this node was started with "
                + "--bootstrap-expect \(settings.bootstrapExpect)"
        }
        return contradiction(record)
    }
}

// Proposal and acceptance.
extension Bootstrap {
    /// Called once per heartbeat interval: retries a bootstrap step whose disk write failed, and takes a step that had
    /// to wait for other nodes.
    func advance() {
        guard !isStoring else { return }
        switch stored {
        case .none: proposeIfDue()
        case .accepted(let record): bootstrapIfAllAccepted(record)
        case .bootstrapped: break
        }
    }

    private func proposeIfDue() {
        guard case .none = stored else { return }
        let nodes = ([membership.own] + membership.answering).sorted { $0.nodeID < $1.nodeID }
        problem = waiting(for: nodes)
        guard problem == nil else { return }
        let isLowest = nodes.first?.nodeID == settings.nodeID
        guard isLowest || PlantedFault.twoRecords.isPlanted else {
            problem = "waiting for \(nodes[0].nodeID) to propose the cluster's record"
            return
        }
        propose(nodes)
    }

    /// Why this node cannot propose a cluster record yet, as text for operators; nil when it can.
    private func waiting(for nodes: [NodeDescription]) -> String? {
        let expected = settings.bootstrapExpect
        let names = nodes.map(\.nodeID.description).joined(separator: ", ")
        if nodes.count > expected {
            return "\(nodes.count) nodes know each other (\(names)), more than --bootstrap-expect \(expected)"
        }
        if nodes.count < expected {
            return "waiting for \(expected - nodes.count) more of \(expected) nodes; known so far: \(names)"
        }
        let stores = Set(nodes.map(\.storeID))
        for node in nodes where node.nodeID != settings.nodeID {
            guard let message = received[node.nodeID] else { return "waiting for a heartbeat of \(node.nodeID)" }
            if message.bootstrap.expected != expected {
                return "\(node.nodeID) has --bootstrap-expect \(message.bootstrap.expected), this node \(expected)"
            }
            guard Set(message.known.map(\.storeID) + [message.sender.storeID]) == stores else {
                return "waiting until \(node.nodeID) knows the same nodes: \(names)"
            }
        }
        return nil
    }

    private func propose(_ nodes: [NodeDescription]) {
        let quorums: Quorums
        do throws(Quorums.Invalid) {
            quorums = try Quorums(
                replicas: settings.replicas, members: nodes.count, read: settings.readQuorum,
                write: settings.writeQuorum)
        } catch {
            preconditionFailure("invalid quorums passed the configuration check: \(error)")
        }
        let record = ClusterRecord(
            clusterID: ClusterID(using: &random), epoch: 1,
            members: nodes.map { .init(nodeID: $0.nodeID, storeID: $0.storeID) }, quorums: quorums,
            partitions: settings.partitions, gcGraceMilliseconds: settings.gcGraceMilliseconds,
            hintWindowMilliseconds: settings.hintWindowMilliseconds)
        acceptedBy = []
        // A cluster of one node has no other members whose acceptance is needed, so its record is final at once.
        store(nodes.count == 1 ? .bootstrapped(record) : .accepted(record))
    }

    private func bootstrapIfAllAccepted(_ record: ClusterRecord) {
        let missing = record.members.map(\.nodeID).filter { !acceptedBy.contains($0) }
        let suffices = PlantedFault.twoRecords.isPlanted ? missing.count * 2 < record.members.count : missing.isEmpty
        guard suffices else {
            problem = "waiting until \(missing.map(\.description).joined(separator: ", ")) accept the cluster's record"
            return
        }
        store(.bootstrapped(record))
    }

    private func store(_ next: StoredRecord, completion: @escaping (_ isStored: Bool) -> Void = { _ in }) {
        precondition(!isStoring, "a cluster record was submitted while another was being stored")
        isStoring = true
        store.submit(.record, next.encoded) { [self] result in
            isStoring = false
            guard result == .committed else {
                problem = "the cluster record could not be stored: \(result)"
                return completion(false)
            }
            let hadAccepted = stored.isAccepted
            stored = next
            problem = nil
            switch next {
            case .none: acceptedBy = []
            case .accepted(let record):
                acceptedBy.insert(settings.nodeID)
                bootstrapIfAllAccepted(record)
            case .bootstrapped(let record): onBootstrapped?(record, hadAccepted)
            }
            completion(true)
        }
    }
}

extension ClusterRecord {
    /// The given ids that are members. Other ids from a peer are ignored, which also bounds the result.
    fileprivate func listed(_ ids: [NodeID]) -> [NodeID] {
        ids.filter { id in members.contains { $0.nodeID == id } }
    }
}

/// Why a bootstrap cannot be aborted.
package enum AbortBootstrapRefusal: Error, Equatable, Sendable {
    case bootstrapped
    case nothingAccepted
    /// This node's cluster record is being written to its disk.
    case busy
    case notStored
}
