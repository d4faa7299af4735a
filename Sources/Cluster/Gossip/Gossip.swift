/// Sends a heartbeat to every known node once per interval. A heartbeat and its response carry each node's address and
/// store, the nodes it knows, the state of the bootstrap, and the digest of its table catalog. All-to-all heartbeats
/// are cheap in a small cluster, and the failure detector relies only on responses that this node itself received.
final class Gossip {
    private let settings: MemberSettings
    private let store: any ReplicaStore
    private let transport: any PeerTransport
    private let clock: any TimeSource
    private var random: AnyRandom
    private let tables: DurableCatalog
    private let membership: Membership
    private let bootstrap: Bootstrap
    /// Called when a member has recorded a later state of this node's disk: the disk was rolled back.
    var onContradiction: ((_ by: NodeID) -> Void)?
    private var nextRoundAt: UInt64 = 0
    /// Addresses with a heartbeat in flight.
    private var inFlight: Set<String> = []
    /// Seed addresses that turned out to be this node's own.
    private var ownAddresses: Set<String> = []
    /// By address, why the latest heartbeat failed.
    private var failures: [String: String] = [:]
    private var digests: [NodeID: UInt64] = [:]

    init(
        _ dependencies: MemberDependencies, membership: Membership, bootstrap: Bootstrap
    ) {
        settings = dependencies.settings
        self.membership = membership
        self.bootstrap = bootstrap
        tables = dependencies.tables
        store = dependencies.store
        transport = dependencies.transport
        clock = dependencies.clock
        random = dependencies.random
        ownAddresses = [membership.own.address]
    }

    /// Descriptions of failed heartbeats, sorted by address.
    var problems: [String] { failures.sorted { $0.key < $1.key }.map(\.value) }

    func tick() {
        let now = clock.monotonicMilliseconds
        guard now >= nextRoundAt else { return }
        let interval = settings.heartbeatIntervalMilliseconds
        nextRoundAt = now + interval - interval / 10 + UInt64.random(in: 0...(interval / 5), using: &random)
        membership.tick(nowMilliseconds: now)
        bootstrap.advance()
        let known = membership.known
        let addresses = Set(known.map(\.address))
        let seeds = settings.seeds.filter { !addresses.contains($0) && !ownAddresses.contains($0) }
        failures = failures.filter { addresses.contains($0.key) || seeds.contains($0.key) }
        for node in known { send(to: node.address, target: node.nodeID) }
        for seed in seeds { send(to: seed, target: nil) }
    }

    private func send(to address: String, target: NodeID?) {
        guard inFlight.insert(address).inserted else { return }
        let sentAt = clock.monotonicMilliseconds
        let states = target.flatMap { digests[$0] }.map { $0 != tables.catalog.digest } ?? false
        let own = membership.own
        let timeout = max(min(settings.heartbeatIntervalMilliseconds * 2, 2_000), 1)
        transport.send(
            message(to: target, withCatalog: states).encoded, over: .gossip, to: address, timeoutMilliseconds: timeout
        ) { [self] result in
            inFlight.remove(address)
            answered(result, from: address, target: target, sentAt: sentAt, sentAs: own)
        }
    }

    private func message(
        to target: NodeID?, seen: NodeDescription? = nil, withCatalog: Bool
    ) -> GossipMessage {
        let own = membership.own
        return GossipMessage(
            sender: NodeDescription(
                nodeID: own.nodeID, address: own.address, storeID: own.storeID, bootCounter: own.bootCounter,
                bootNonce: own.bootNonce, durableSequence: store.durableSequence,
                openedAtSequence: own.openedAtSequence, isRecovering: own.isRecovering),
            wallMilliseconds: clock.wallMilliseconds, target: target, seen: seen, known: membership.answering,
            bootstrap: bootstrap.view, catalogDigest: tables.catalog.digest,
            catalog: withCatalog ? tables.catalog.allStates : [])
    }
}

// The response to a heartbeat of this node.
extension Gossip {
    private func answered(
        _ result: Result<[UInt8], PeerFailure>, from address: String, target: NodeID?, sentAt: UInt64,
        sentAs own: NodeDescription
    ) {
        switch result {
        case .failure(let failure):
            if failure == .refused, let target { membership.refusedConnection(target) }
            failures[address] = "\(target?.description ?? "the seed") at \(address): \(failure.explanation)"
        case .success(let bytes):
            do throws(WireError) {
                learn(try GossipMessage(decoding: bytes), from: address, sentAt: sentAt, sentAs: own)
            } catch {
                failures[address] = "the response from \(address) is not a gossip message: \(error)"
            }
        }
    }

    private func learn(
        _ message: GossipMessage, from address: String, sentAt: UInt64, sentAs own: NodeDescription
    ) {
        if message.sender.bootNonce == membership.own.bootNonce, message.sender.nodeID == settings.nodeID {
            ownAddresses.insert(address)
            failures[address] = nil
            return
        }
        if case .conflict(let why) = merge(message) {
            failures[address] = why
            return
        }
        failures[address] = nil
        // A response to a heartbeat from before this node changed its store id concerns the previous id, and is not
        // evaluated.
        if own.storeID == membership.own.storeID { checkStaleness(message) }
        let now = clock.monotonicMilliseconds
        membership.answered(message.sender.nodeID, nowMilliseconds: now)
        let halfway = Int64(clock.wallMilliseconds) - Int64(now.subtractingToZero(sentAt) / 2)
        membership.learnedClock(
            of: message.sender.nodeID, offsetMilliseconds: Int64(message.wallMilliseconds) - halfway)
        bootstrap.learn(message)
    }
}

// Heartbeats from other nodes.
extension Gossip {
    /// Evaluates what the sender of a response knows of this node's disk. If it knows no later state, the disk is
    /// confirmed not to have been rolled back; if it does, the disk was rolled back.
    private func checkStaleness(_ message: GossipMessage) {
        guard let own = bootstrap.bootstrapped, message.bootstrap.isBootstrapped, message.bootstrap.record == own
        else { return }
        if message.seen == nil {
            // A member that lost its own disk has no records of others, so it cannot confirm anything.
            if !message.sender.isRecovering { membership.confirmed() }
        } else {
            onContradiction?(message.sender.nodeID)
        }
    }

    /// Handles a heartbeat. Returns the response, or the reason why the sender is rejected.
    func receive(_ message: GossipMessage) -> Result<GossipMessage, PeerRejection> {
        if message.sender.nodeID == settings.nodeID, message.sender.bootNonce == membership.own.bootNonce {
            return .success(self.message(to: settings.nodeID, withCatalog: false))
        }
        if let target = message.target, target != settings.nodeID {
            return .failure(PeerRejection("this is \(settings.nodeID), not \(target)"))
        }
        let applied = merge(message)
        if case .conflict(let why) = applied { return .failure(PeerRejection(why)) }
        bootstrap.learn(message)
        let differs = message.catalogDigest != tables.catalog.digest
        var seen: NodeDescription?
        if case .contradicted(let held) = applied { seen = held }
        return .success(self.message(to: message.sender.nodeID, seen: seen, withCatalog: differs))
    }

    /// Records what a heartbeat says about its sender, other nodes and tables, unless the sender is rejected.
    private func merge(_ message: GossipMessage) -> Membership.ApplyResult {
        if let why = rejectionReason(message) { return .conflict(why) }
        let now = clock.monotonicMilliseconds
        let applied = membership.apply(message.sender, isDirect: true, nowMilliseconds: now)
        if case .conflict = applied { return applied }
        for node in message.known where isKnownMember(node) { membership.apply(node, nowMilliseconds: now) }
        digests[message.sender.nodeID] = message.catalogDigest
        for state in message.catalog { tables.adopt(state) { _ in } }
        return applied
    }

    private func rejectionReason(_ message: GossipMessage) -> String? {
        guard let own = bootstrap.bootstrapped else { return nil }
        if message.bootstrap.isBootstrapped, let theirs = message.bootstrap.record, theirs.clusterID != own.clusterID {
            return "\(message.sender.nodeID) belongs to cluster \(theirs.clusterID), and \(settings.nodeID) to "
                + "\(own.clusterID)"
        }
        return isKnownMember(message.sender) ? nil : Bootstrap.notListed(message.sender.nodeID, own)
    }

    private func isKnownMember(_ node: NodeDescription) -> Bool {
        bootstrap.bootstrapped?.members.contains { $0.nodeID == node.nodeID } ?? true
    }
}

extension PeerFailure {
    fileprivate var explanation: String {
        switch self {
        case .refused: "connection refused"
        case .unreachable(let why): "unreachable: \(why)"
        case .timedOut: "timed out"
        case .broken(let why): why
        case .rejected(let why): why
        }
    }
}
