/// How nodes that know nothing become a cluster, once. The lowest id proposes a record when exactly as many nodes as
/// were expected know each other; every listed node durably accepts one record at most; whoever learns that all have
/// accepted knows it to be formed, for good. The proposer is not needed to finish.
///
/// Nothing is said before it is durable, and nothing is served before the record is formed.
final class Bootstrap {
    private let settings: MemberSettings
    private let membership: Membership
    private let store: any ReplicaStore
    private var random: AnyRandom
    /// Why the record does not fit what this node was told at its start; nil when it does.
    private let contradiction: (ClusterRecord) -> String?
    private(set) var stored: StoredRecord
    /// Members known to have accepted the record that this node has accepted.
    private var acceptedBy: Set<NodeID> = []
    /// What the others last said of themselves.
    private var received: [NodeID: GossipMessage] = [:]
    private var isStoring = false
    /// Hashes of the records given up since the start.
    private var aborted: Set<UInt64> = []
    /// Why the cluster does not form; sentences for people.
    private(set) var problem: String?
    /// `hadAccepted`: this node knows of its own part in it. A listed node that does not has forgotten it.
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

    /// Forgets the record that was accepted, durably, and starts over. It is an operator's step that breaks the rule of
    /// one acceptance, to be taken on every node that holds the record; what one node gave up it does not take again
    /// from another until it is restarted, unless that turns out to be formed.
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

// What is heard.
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
            return "the record being formed lists another data directory of \(settings.nodeID); "
                + "`hedgehogctl abandon-formation` on the others starts over"
        }
        guard record.members.count == settings.bootstrapExpect else {
            return "a cluster of \(record.members.count) is being formed, and this node was told "
                + "--bootstrap-expect \(settings.bootstrapExpect)"
        }
        return contradiction(record)
    }
}

// What is done about it.
extension Bootstrap {
    /// To be called every round: a step that failed on the disk is tried again, one that waits for others looked at.
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

    /// What is still missing before a record may be proposed; nil when nothing is.
    private func waiting(for nodes: [NodeDescription]) -> String? {
        let expected = settings.bootstrapExpect
        let names = nodes.map(\.nodeID.description).joined(separator: ", ")
        if nodes.count > expected {
            return "\(nodes.count) nodes know each other (\(names)), more than --bootstrap-expect \(expected)"
        }
        if nodes.count < expected {
            return "waiting for \(expected - nodes.count) more of \(expected) nodes; here are \(names)"
        }
        let stores = Set(nodes.map(\.storeID))
        for node in nodes where node.nodeID != settings.nodeID {
            guard let message = received[node.nodeID] else { return "waiting to hear from \(node.nodeID)" }
            if message.bootstrap.expected != expected {
                return "\(node.nodeID) was told --bootstrap-expect \(message.bootstrap.expected), this node \(expected)"
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
            preconditionFailure("quorums that no cluster can have got past the start: \(error)")
        }
        let record = ClusterRecord(
            clusterID: ClusterID(using: &random), epoch: 1,
            members: nodes.map { .init(nodeID: $0.nodeID, storeID: $0.storeID) }, quorums: quorums,
            partitions: settings.partitions, gcGraceMilliseconds: settings.gcGraceMilliseconds,
            hintWindowMilliseconds: settings.hintWindowMilliseconds)
        acceptedBy = []
        // Who is alone has nobody to ask.
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
        precondition(!isStoring, "one record was to be stored while another was")
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
    /// Those of the ids that are its members': what a peer names beyond them counts for nothing, and has no bound.
    fileprivate func listed(_ ids: [NodeID]) -> [NodeID] {
        ids.filter { id in members.contains { $0.nodeID == id } }
    }
}

/// Why a formation is not abandoned.
package enum AbortBootstrapRefusal: Error, Equatable, Sendable {
    case bootstrapped
    case nothingAccepted
    /// A step of the formation is on its way to the disk.
    case busy
    case notStored
}
