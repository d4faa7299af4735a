import Testing

@testable import Cluster

/// The membership view of one node: the stores and processes of the other members, learned from their descriptions.
@Suite struct MembershipTests {
    private let membership: Membership
    private let persisted: Persisted

    private final class Persisted {
        var members: [PersistedMember] = []
    }

    private static func node(
        _ number: UInt64, store: UInt64? = nil, boot: UInt64 = 5, nonce: UInt64? = nil, sequence: UInt64 = 100,
        at address: String? = nil, isRecovering: Bool = false
    ) -> NodeDescription {
        NodeDescription(
            nodeID: "node-\(number)", address: address ?? "node-\(number)",
            storeID: StoreID(high: 9, low: store ?? number),
            bootCounter: boot, bootNonce: nonce ?? boot * 100, durableSequence: sequence, isRecovering: isRecovering)
    }

    private static let record: ClusterRecord = {
        guard let quorums = try? Quorums(replicas: 3, members: 3) else { preconditionFailure("no quorums") }
        return ClusterRecord(
            clusterID: ClusterID(high: 1, low: 1), epoch: 1,
            members: (1...3).map { .init(nodeID: "node-\($0)", storeID: StoreID(high: 9, low: $0)) }, quorums: quorums,
            partitions: 16, gcGraceMilliseconds: 60_000, hintWindowMilliseconds: 30_000)
    }()

    private static func membership(
        _ persisted: Persisted, memories: [PersistedMember] = [], record: ClusterRecord? = record, isNew: Bool = false
    ) -> Membership {
        let membership = Membership(
            own: node(1), persisted: memories, failureTimeoutMilliseconds: 5_000, nowMilliseconds: 0)
        membership.onPersist = { persisted.members.append($0) }
        if let record { membership.adopt(record, isNew: isNew) }
        return membership
    }

    init() {
        let persisted = Persisted()
        self.persisted = persisted
        membership = Self.membership(persisted)
        membership.apply(Self.node(2), isDirect: true, nowMilliseconds: 0)
        membership.apply(Self.node(3), isDirect: true, nowMilliseconds: 0)
    }

    private var known: NodeDescription? { membership.description(of: "node-2") }

    @Test("A higher boot counter with a sequence that is not lower is a restart", arguments: [100, 101] as [UInt64])
    func restart(sequence: UInt64) {
        let new = Self.node(2, boot: 6, sequence: sequence, at: "moved")
        #expect(membership.apply(new, isDirect: true, nowMilliseconds: 0) == .accepted)
        #expect(known == new)
        membership.answered("node-2", nowMilliseconds: 0)
        #expect(membership.liveness(of: "node-2") == .alive)
    }

    @Test("A disk with a boot counter that did not rise or a sequence that fell was rolled back", arguments: [
        (5, 101, 500), (4, 101, 400), (6, 99, 600), (4, 99, 400), (5, 99, 500),
    ] as [(UInt64, UInt64, UInt64)])
    func rolledBack(boot: UInt64, sequence: UInt64, nonce: UInt64) {
        let new = Self.node(2, boot: boot, nonce: nonce + 1, sequence: sequence)
        #expect(membership.apply(new, isDirect: true, nowMilliseconds: 0) == .contradicted(Self.node(2)))
        #expect(known == Self.node(2), "the later state is persisted")
        membership.answered("node-2", nowMilliseconds: 0)
        #expect(membership.liveness(of: "node-2") == .recovering)
    }

    @Test("A lower sequence of the same process is outdated and ignored")
    func late() {
        #expect(membership.apply(Self.node(2, sequence: 99), isDirect: true, nowMilliseconds: 0) == .accepted)
        #expect(known?.durableSequence == 100)
        #expect(membership.apply(Self.node(2, sequence: 150), isDirect: true, nowMilliseconds: 0) == .accepted)
        #expect(known?.durableSequence == 150)
    }

    @Test("Descriptions by third parties of an earlier process or store are outdated and ignored")
    func thirdParty() {
        for old in [Self.node(2, boot: 4), Self.node(2, boot: 6, sequence: 99)] {
            #expect(membership.apply(old, nowMilliseconds: 0) == .accepted)
            #expect(known == Self.node(2))
        }
        membership.answered("node-2", nowMilliseconds: 0)
        #expect(membership.apply(Self.node(2, store: 77, boot: 1), nowMilliseconds: 0) == .accepted)
        #expect(known == Self.node(2), "the node answers directly with the other store")
        #expect(membership.liveness(of: "node-2") == .alive)
    }

    @Test("A new store replaces the old one, which is contradicted when it returns")
    func replaced() {
        let new = Self.node(2, store: 77, boot: 1, sequence: 0, isRecovering: true)
        #expect(membership.apply(new, isDirect: true, nowMilliseconds: 0) == .accepted)
        membership.answered("node-2", nowMilliseconds: 0)
        #expect(membership.liveness(of: "node-2") == .recovering)
        #expect(membership.storeID(of: Self.record.members[1]) == new.storeID)
        let old = Self.node(2, boot: 6, sequence: 200)
        // The time 6,000 ms is later than the failure timeout. Before that time the description of another store counts
        // as a second process with the same node id.
        #expect(membership.apply(old, isDirect: true, nowMilliseconds: 6_000) == .contradicted(new))
        #expect(membership.apply(old, nowMilliseconds: 6_000) == .accepted)
        #expect(known == new)
    }

    @Test("A member with another store than in the record is recovering as long as its own description says so")
    func ownDescription() {
        let recovered = Self.node(2, store: 77, boot: 2)
        #expect(membership.apply(recovered, isDirect: true, nowMilliseconds: 0) == .accepted)
        membership.answered("node-2", nowMilliseconds: 0)
        #expect(membership.liveness(of: "node-2") == .alive)
        let again = Self.node(2, store: 77, boot: 3, isRecovering: true)
        #expect(membership.apply(again, isDirect: true, nowMilliseconds: 0) == .accepted)
        #expect(membership.liveness(of: "node-2") == .recovering)
    }

    @Test("A member with a rolled back disk is alive again once it continues as a new store")
    func newStore() {
        _ = membership.apply(Self.node(2, boot: 4, nonce: 1), isDirect: true, nowMilliseconds: 0)
        membership.answered("node-2", nowMilliseconds: 0)
        #expect(membership.liveness(of: "node-2") == .recovering)
        let new = Self.node(2, store: 77, boot: 4, nonce: 1)
        #expect(membership.apply(new, isDirect: true, nowMilliseconds: 9_000) == .accepted)
        #expect(membership.liveness(of: "node-2") == .alive)
    }

    @Test("A second process with the same node id is rejected while the first one answers")
    func secondProcess() {
        membership.answered("node-2", nowMilliseconds: 1_000)
        let twin = Self.node(2, store: 77, boot: 1, at: "elsewhere")
        guard case .conflict = membership.apply(twin, isDirect: true, nowMilliseconds: 5_999) else {
            return _ = Issue.record("accepted")
        }
        #expect(membership.apply(twin, isDirect: true, nowMilliseconds: 6_000) == .accepted)
    }

    @Test("Messages of a store or process unknown from gossip, and of a replaced store, are rejected")
    func envelopes() {
        func refusal(_ sender: NodeID, _ store: UInt64, nonce: UInt64 = 500) -> Bool {
            membership.rejectionReason(
                Envelope(
                    clusterID: ClusterID(high: 1, low: 1), recordHash: 0, sender: sender, target: "node-1",
                    storeID: StoreID(high: 9, low: store), bootNonce: nonce)) != nil
        }
        #expect(!refusal("node-2", 2))
        #expect(refusal("node-2", 2, nonce: 501))
        #expect(refusal("node-2", 77))
        #expect(refusal("node-9", 9))
        membership.apply(Self.node(2, store: 77), isDirect: true, nowMilliseconds: 0)
        #expect(!refusal("node-2", 77))
        #expect(refusal("node-2", 2))
    }

    @Test("A store replacement learned from a third member holds until the node describes itself")
    func learned() {
        let member = Self.record.members[1]
        membership.learn(of: member, storeID: StoreID(high: 9, low: 77))
        #expect(membership.storeID(of: member) == StoreID(high: 9, low: 77))
        membership.apply(Self.node(2, store: 78), isDirect: true, nowMilliseconds: 0)
        #expect(membership.storeID(of: member) == StoreID(high: 9, low: 78))
        // A message that names the store which a member had before its disk was replaced changes nothing.
        membership.learn(of: member, storeID: member.storeID)
        #expect(membership.storeID(of: member) == StoreID(high: 9, low: 78))
    }

    @Test("A member's state is persisted when it has changed, and only then")
    func persistsChanges() {
        #expect(persisted.members.map(\.description.nodeID) == ["node-2", "node-3"])
        persisted.members = []
        for second in 1...4 as ClosedRange<UInt64> {
            membership.apply(Self.node(2, sequence: 100 + second / 2), isDirect: true, nowMilliseconds: second * 1_000)
            membership.answered("node-2", nowMilliseconds: second * 1_000)
            membership.tick(nowMilliseconds: second * 1_000)
        }
        #expect(persisted.members.map(\.description.durableSequence) == [101, 102])
        persisted.members = []
        membership.apply(Self.node(2, boot: 6, sequence: 200), isDirect: true, nowMilliseconds: 25_000)
        membership.apply(Self.node(2, store: 77, boot: 1), isDirect: true, nowMilliseconds: 60_000)
        #expect(persisted.members.map(\.description.bootCounter) == [6, 1])
        #expect(persisted.members.last?.retired == [StoreID(high: 9, low: 2)])
    }

    @Test("A member's state that could not be persisted is persisted later")
    func persistsLater() {
        persisted.members = []
        membership.notPersisted("node-2")
        membership.tick(nowMilliseconds: 10_000)
        #expect(persisted.members.map(\.description) == [Self.node(2)])
    }

    @Test("The next process detects a rolled back disk and a retired store from the persisted state")
    func nextProcess() {
        var memory = PersistedMember(description: Self.node(2))
        memory.retire(StoreID(high: 9, low: 55))
        let next = Self.membership(Persisted(), memories: [memory])
        #expect(next.address(of: "node-2") == "node-2")
        #expect(next.apply(Self.node(2, boot: 4, nonce: 1), isDirect: true, nowMilliseconds: 0)
            == .contradicted(Self.node(2)))
        #expect(next.apply(Self.node(2, store: 55, nonce: 2), isDirect: true, nowMilliseconds: 0)
            == .contradicted(Self.node(2)))
    }

    @Test("A process that gives its store another id is not a second process")
    func renamed() {
        membership.answered("node-2", nowMilliseconds: 0)
        let renamed = Self.node(2, store: 77, isRecovering: true)
        #expect(membership.apply(renamed, isDirect: true, nowMilliseconds: 0) == .accepted)
        #expect(membership.description(of: "node-2") == renamed)
    }

    @Test("Before the bootstrap no description is contradicted, and a node may restart on another disk")
    func beforeBootstrap() {
        let membership = Self.membership(Persisted(), record: nil)
        membership.apply(Self.node(2), isDirect: true, nowMilliseconds: 0)
        #expect(membership.apply(Self.node(2, boot: 4, nonce: 1), isDirect: true, nowMilliseconds: 0) == .accepted)
    }
}

@Suite struct ConfirmationTests {
    private func membership(
        members: UInt64 = 3, memories: [UInt64] = [2, 3], isNew: Bool = false, read: Int? = nil, write: Int? = nil
    ) throws -> Membership {
        let record = ClusterRecord(
            clusterID: ClusterID(high: 1, low: 1), epoch: 1,
            members: (1...members).map { .init(nodeID: "node-\($0)", storeID: StoreID(high: 9, low: $0)) },
            quorums: try Quorums(replicas: 3, members: Int(members), read: read, write: write), partitions: 16,
            gcGraceMilliseconds: 60_000, hintWindowMilliseconds: 30_000)
        func node(_ number: UInt64) -> NodeDescription {
            NodeDescription(
                nodeID: "node-\(number)", address: "node-\(number)", storeID: StoreID(high: 9, low: number),
                bootCounter: 5, bootNonce: number, durableSequence: 9)
        }
        let membership = Membership(
            own: node(1), persisted: memories.map { PersistedMember(description: node($0)) },
            failureTimeoutMilliseconds: 5_000, nowMilliseconds: 0)
        membership.adopt(record, isNew: isNew)
        return membership
    }

    /// Advances the membership to a time in ticks of one second, because a longer gap between ticks would count as a
    /// pause of the process.
    private func run(_ membership: Membership, to milliseconds: UInt64) {
        for now in stride(from: 1_000, through: milliseconds, by: 1_000) { membership.tick(nowMilliseconds: now) }
    }

    @Test("A restarted node votes again once a peer has confirmed its disk, or all other members are dead")
    func restarted() throws {
        let membership = try membership()
        #expect(!membership.ownIsConfirmed)
        run(membership, to: 9_000)
        #expect(!membership.ownIsConfirmed)
        membership.tick(nowMilliseconds: 10_000)
        #expect(membership.ownIsConfirmed)
    }

    @Test("With R = 1 a node that reaches no peer stays without a vote")
    func readsAlone() throws {
        let membership = try membership(read: 1, write: 3)
        run(membership, to: 60_000)
        #expect(!membership.ownIsConfirmed)
        membership.confirmed()
        #expect(membership.ownIsConfirmed)
    }

    @Test("A restarted node waits for a live member that has not confirmed its disk yet")
    func oneThere() throws {
        let membership = try membership()
        membership.apply(
            NodeDescription(
                nodeID: "node-2", address: "node-2", storeID: StoreID(high: 9, low: 2), bootCounter: 6, bootNonce: 77,
                durableSequence: 10), isDirect: true, nowMilliseconds: 0)
        for now in stride(from: 1_000, through: 30_000, by: 1_000) as StrideThrough<UInt64> {
            membership.answered("node-2", nowMilliseconds: now)
            membership.tick(nowMilliseconds: now)
        }
        #expect(!membership.ownIsConfirmed)
        membership.confirmed()
        #expect(membership.ownIsConfirmed)
    }

    @Test("A node with a record but without the address of any member waits for the same time")
    func nobodyKnown() throws {
        let membership = try membership(memories: [])
        run(membership, to: 9_000)
        #expect(!membership.ownIsConfirmed)
        membership.tick(nowMilliseconds: 10_000)
        #expect(membership.ownIsConfirmed)
    }

    @Test("A node votes at once after a bootstrap, and in a cluster of one")
    func nobodyElse() throws {
        #expect(try membership(isNew: true).ownIsConfirmed)
        #expect(try membership(members: 1, memories: []).ownIsConfirmed)
    }
}

@Suite struct PersistedMemberTests {
    private func memory(retired: UInt64) -> PersistedMember {
        var memory = PersistedMember(description: WireSamples.node(3, isRecovering: true))
        for number in 0..<retired { memory.retire(StoreID(high: number, low: .max)) }
        return memory
    }

    @Test("A persisted member decodes to the value that was encoded", arguments: 0...8 as ClosedRange<UInt64>)
    func roundTrip(retired: UInt64) {
        #expect(PersistedMember(decoding: memory(retired: retired).encoded) == memory(retired: retired))
    }

    @Test("The last eight retired stores are persisted, each once")
    func retired() {
        var memory = memory(retired: 12)
        #expect(memory.retired.map(\.high) == [4, 5, 6, 7, 8, 9, 10, 11])
        memory.retire(StoreID(high: 5, low: .max))
        #expect(memory.retired.map(\.high) == [4, 6, 7, 8, 9, 10, 11, 5])
    }

    @Test("Truncated bytes, another format version and trailing bytes do not decode")
    func unreadable() {
        let encoded = memory(retired: 2).encoded
        for length in encoded.indices { #expect(PersistedMember(decoding: Array(encoded[..<length])) == nil) }
        #expect(PersistedMember(decoding: encoded + [0]) == nil)
        #expect(PersistedMember(decoding: [2] + encoded.dropFirst()) == nil)
        var tooMany = memory(retired: 8).encoded
        tooMany[tooMany.count - 8 * 16 - 1] = 9
        #expect(PersistedMember(decoding: tooMany + [UInt8](repeating: 0, count: 16)) == nil)
    }

    @Test("The recovery row marks only its own store as recovered")
    func recoveryRow() {
        let store = StoreID(high: 1, low: 2)
        #expect(RecoveryRow.says(RecoveryRow.complete(store), isComplete: store))
        #expect(!RecoveryRow.says(RecoveryRow.complete(store), isComplete: StoreID(high: 1, low: 3)))
        for bytes in [nil, [], [1], RecoveryRow.complete(store) + [0]] as [[UInt8]?] {
            #expect(!RecoveryRow.says(bytes, isComplete: store))
        }
    }
}
